from pub import b_pb2 as _b_pb2
from pub import c_pb2 as _c_pb2
import importlib
_other_pb2 = importlib.import_module('for.other_pb2')
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union
from pub.b_pb2 import B as B
from pub.b_pb2 import BGroup as BGroup
from pub.b_pb2 import BE as BE
from for.other_pb2 import Other as Other

DESCRIPTOR: _descriptor.FileDescriptor
B_EXT_FIELD_NUMBER: _ClassVar[int]
b_ext: _descriptor.FieldDescriptor
BGROUP_FIELD_NUMBER: _ClassVar[int]
bgroup: _descriptor.FieldDescriptor
BE_ZERO: _b_pb2.BE

class A(_message.Message):
    __slots__ = ("b", "c", "ce")
    B_FIELD_NUMBER: _ClassVar[int]
    C_FIELD_NUMBER: _ClassVar[int]
    CE_FIELD_NUMBER: _ClassVar[int]
    b: _b_pb2.B
    c: _c_pb2.C
    ce: _c_pb2.CE
    def __init__(self, b: _Optional[_Union[_b_pb2.B, _Mapping]] = ..., c: _Optional[_Union[_c_pb2.C, _Mapping]] = ..., ce: _Optional[_Union[_c_pb2.CE, str]] = ...) -> None: ...
