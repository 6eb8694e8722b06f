from google.protobuf.internal import containers as _containers
from google.protobuf.internal import enum_type_wrapper as _enum_type_wrapper
from google.protobuf.internal import python_message as _python_message
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class Closed(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    ONE: _ClassVar[Closed]

class Open(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    ZERO: _ClassVar[Open]
ONE: Closed
ZERO: Open
X_FIELD_NUMBER: _ClassVar[int]
x: _descriptor.FieldDescriptor
Y_FIELD_NUMBER: _ClassVar[int]
y: _descriptor.FieldDescriptor

class M(_message.Message):
    __slots__ = ("a", "b", "c", "d", "children", "e", "f")
    Extensions: _python_message._ExtensionDict
    class Child(_message.Message):
        __slots__ = ("closed", "opens")
        class OpensEntry(_message.Message):
            __slots__ = ("key", "value")
            KEY_FIELD_NUMBER: _ClassVar[int]
            VALUE_FIELD_NUMBER: _ClassVar[int]
            key: str
            value: Open
            def __init__(self, key: _Optional[str] = ..., value: _Optional[_Union[Open, str]] = ...) -> None: ...
        CLOSED_FIELD_NUMBER: _ClassVar[int]
        OPENS_FIELD_NUMBER: _ClassVar[int]
        closed: Closed
        opens: _containers.ScalarMap[str, Open]
        def __init__(self, closed: _Optional[_Union[Closed, str]] = ..., opens: _Optional[_Mapping[str, Open]] = ...) -> None: ...
    A_FIELD_NUMBER: _ClassVar[int]
    B_FIELD_NUMBER: _ClassVar[int]
    C_FIELD_NUMBER: _ClassVar[int]
    D_FIELD_NUMBER: _ClassVar[int]
    CHILDREN_FIELD_NUMBER: _ClassVar[int]
    E_FIELD_NUMBER: _ClassVar[int]
    F_FIELD_NUMBER: _ClassVar[int]
    a: int
    b: str
    c: _containers.RepeatedScalarFieldContainer[int]
    d: M
    children: _containers.RepeatedCompositeFieldContainer[M.Child]
    e: int
    f: int
    def __init__(self, a: _Optional[int] = ..., b: _Optional[str] = ..., c: _Optional[_Iterable[int]] = ..., d: _Optional[_Union[M, _Mapping]] = ..., children: _Optional[_Iterable[_Union[M.Child, _Mapping]]] = ..., e: _Optional[int] = ..., f: _Optional[int] = ...) -> None: ...
