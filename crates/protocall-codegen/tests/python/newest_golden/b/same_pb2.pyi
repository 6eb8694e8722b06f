from google.protobuf.internal import enum_type_wrapper as _enum_type_wrapper
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class Same(_message.Message):
    __slots__ = ("b", "kind")
    class Kind(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
        __slots__ = ()
        K: _ClassVar[Same.Kind]
        L: _ClassVar[Same.Kind]
    K: Same.Kind
    L: Same.Kind
    B_FIELD_NUMBER: _ClassVar[int]
    KIND_FIELD_NUMBER: _ClassVar[int]
    b: int
    kind: Same.Kind
    def __init__(self, b: _Optional[int] = ..., kind: _Optional[_Union[Same.Kind, str]] = ...) -> None: ...
