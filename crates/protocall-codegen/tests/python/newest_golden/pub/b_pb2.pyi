from pub import c_pb2 as _c_pb2
from google.protobuf.internal import enum_type_wrapper as _enum_type_wrapper
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union
from pub.c_pb2 import C as C
from pub.c_pb2 import CE as CE

DESCRIPTOR: _descriptor.FileDescriptor
C_EXT_FIELD_NUMBER: _ClassVar[int]
c_ext: _descriptor.FieldDescriptor
CE_ZERO: _c_pb2.CE
CE_ONE: _c_pb2.CE

class BE(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    BE_ZERO: _ClassVar[BE]
BE_ZERO: BE
B_EXT_FIELD_NUMBER: _ClassVar[int]
b_ext: _descriptor.FieldDescriptor
BGROUP_FIELD_NUMBER: _ClassVar[int]
bgroup: _descriptor.FieldDescriptor

class B(_message.Message):
    __slots__ = ("c",)
    C_FIELD_NUMBER: _ClassVar[int]
    c: _c_pb2.C
    def __init__(self, c: _Optional[_Union[_c_pb2.C, _Mapping]] = ...) -> None: ...

class BGroup(_message.Message):
    __slots__ = ("e",)
    E_FIELD_NUMBER: _ClassVar[int]
    e: _c_pb2.CE
    def __init__(self, e: _Optional[_Union[_c_pb2.CE, str]] = ...) -> None: ...
