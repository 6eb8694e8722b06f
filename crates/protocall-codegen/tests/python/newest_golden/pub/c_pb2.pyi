from google.protobuf.internal import enum_type_wrapper as _enum_type_wrapper
from google.protobuf.internal import python_message as _python_message
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from typing import ClassVar as _ClassVar, Optional as _Optional

DESCRIPTOR: _descriptor.FileDescriptor

class CE(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    CE_ZERO: _ClassVar[CE]
    CE_ONE: _ClassVar[CE]
CE_ZERO: CE
CE_ONE: CE
C_EXT_FIELD_NUMBER: _ClassVar[int]
c_ext: _descriptor.FieldDescriptor

class C(_message.Message):
    __slots__ = ("c",)
    Extensions: _python_message._ExtensionDict
    C_FIELD_NUMBER: _ClassVar[int]
    c: int
    def __init__(self, c: _Optional[int] = ...) -> None: ...
