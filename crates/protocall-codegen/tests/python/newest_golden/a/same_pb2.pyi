from google.protobuf.internal import enum_type_wrapper as _enum_type_wrapper
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class Same(_message.Message):
    __slots__ = ("a", "same")
    class Kind(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
        __slots__ = ()
        K: _ClassVar[Same.Kind]
    K: Same.Kind
    class Same(_message.Message):
        __slots__ = ("s",)
        S_FIELD_NUMBER: _ClassVar[int]
        s: int
        def __init__(self, s: _Optional[int] = ...) -> None: ...
    A_FIELD_NUMBER: _ClassVar[int]
    SAME_FIELD_NUMBER: _ClassVar[int]
    a: int
    same: Same.Same
    def __init__(self, a: _Optional[int] = ..., same: _Optional[_Union[Same.Same, _Mapping]] = ...) -> None: ...
