import custom_pb2 as _custom_pb2
from google.protobuf.internal import enum_type_wrapper as _enum_type_wrapper
from google.protobuf.internal import python_message as _python_message
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from typing import ClassVar as _ClassVar, Optional as _Optional

DESCRIPTOR: _descriptor.FileDescriptor

class TopEnum(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    T: _ClassVar[TopEnum]
T: TopEnum
TOP_EXT_FIELD_NUMBER: _ClassVar[int]
top_ext: _descriptor.FieldDescriptor

class M(_message.Message):
    __slots__ = ("f", "s")
    Extensions: _python_message._ExtensionDict
    class E(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
        __slots__ = ()
        A: _ClassVar[M.E]
        B: _ClassVar[M.E]
    A: M.E
    B: M.E
    class OnlyHidden(_message.Message):
        __slots__ = ()
        def __init__(self) -> None: ...
    class Nested(_message.Message):
        __slots__ = ()
        def __init__(self) -> None: ...
    IN_M_FIELD_NUMBER: _ClassVar[int]
    in_m: _descriptor.FieldDescriptor
    F_FIELD_NUMBER: _ClassVar[int]
    S_FIELD_NUMBER: _ClassVar[int]
    f: int
    s: str
    def __init__(self, f: _Optional[int] = ..., s: _Optional[str] = ...) -> None: ...
