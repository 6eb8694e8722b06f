import importlib
_import_pb2 = importlib.import_module('for.class.import_pb2')
from pub import a_pb2 as _a_pb2
from pub import b_pb2 as _b_pb2
_other_pb2 = importlib.import_module('for.other_pb2')
from names.dash_and import dots_under_pb2 as _dots_under_pb2
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union
from names.dash_and.dots_under_pb2 import Dash as Dash
from names.dash_and.dots_under_pb2 import DashEnum as DashEnum

DESCRIPTOR: _descriptor.FileDescriptor
ZERO: _dots_under_pb2.DashEnum

class User(_message.Message):
    __slots__ = ("a", "b", "c", "other", "none")
    A_FIELD_NUMBER: _ClassVar[int]
    B_FIELD_NUMBER: _ClassVar[int]
    C_FIELD_NUMBER: _ClassVar[int]
    OTHER_FIELD_NUMBER: _ClassVar[int]
    NONE_FIELD_NUMBER: _ClassVar[int]
    a: _a_pb2.A
    b: _b_pb2.B
    c: _c_pb2.C
    other: _other_pb2.Other
    none: _import_pb2.globals()['None']
    def __init__(self, a: _Optional[_Union[_a_pb2.A, _Mapping]] = ..., b: _Optional[_Union[_b_pb2.B, _Mapping]] = ..., c: _Optional[_Union[_c_pb2.C, _Mapping]] = ..., other: _Optional[_Union[_other_pb2.Other, _Mapping]] = ..., none: _Optional[_Union[_import_pb2.globals()['None'], _Mapping]] = ...) -> None: ...
