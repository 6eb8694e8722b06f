from google.protobuf.internal import containers as _containers
from google.protobuf.internal import enum_type_wrapper as _enum_type_wrapper
from google.protobuf.internal import python_message as _python_message
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from google.protobuf import service as _service
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class Level(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    LOW: _ClassVar[Level]
    HIGH: _ClassVar[Level]
    TOP: _ClassVar[Level]
LOW: Level
HIGH: Level
TOP: Level
PLAIN_FIELD_NUMBER: _ClassVar[int]
plain: _descriptor.FieldDescriptor
MANY_FIELD_NUMBER: _ClassVar[int]
many: _descriptor.FieldDescriptor
GROUPED_FIELD_NUMBER: _ClassVar[int]
grouped: _descriptor.FieldDescriptor
FROM_FIELD_NUMBER: _ClassVar[int]
from: _descriptor.FieldDescriptor
LEVELS_FIELD_NUMBER: _ClassVar[int]
levels: _descriptor.FieldDescriptor
FIVE_FIELD_NUMBER: _ClassVar[int]
five: _descriptor.FieldDescriptor

class Defaults(_message.Message):
    __slots__ = ("a", "b", "c", "d", "e", "f", "g", "h", "i", "j", "k", "l", "m", "n", "o", "p", "q_q", "r_r")
    A_FIELD_NUMBER: _ClassVar[int]
    B_FIELD_NUMBER: _ClassVar[int]
    C_FIELD_NUMBER: _ClassVar[int]
    D_FIELD_NUMBER: _ClassVar[int]
    E_FIELD_NUMBER: _ClassVar[int]
    F_FIELD_NUMBER: _ClassVar[int]
    G_FIELD_NUMBER: _ClassVar[int]
    H_FIELD_NUMBER: _ClassVar[int]
    I_FIELD_NUMBER: _ClassVar[int]
    J_FIELD_NUMBER: _ClassVar[int]
    K_FIELD_NUMBER: _ClassVar[int]
    L_FIELD_NUMBER: _ClassVar[int]
    M_FIELD_NUMBER: _ClassVar[int]
    N_FIELD_NUMBER: _ClassVar[int]
    O_FIELD_NUMBER: _ClassVar[int]
    P_FIELD_NUMBER: _ClassVar[int]
    Q_Q_FIELD_NUMBER: _ClassVar[int]
    R_R_FIELD_NUMBER: _ClassVar[int]
    a: int
    b: int
    c: float
    d: float
    e: float
    f: float
    g: float
    h: bool
    i: str
    j: bytes
    k: Level
    l: int
    m: _containers.RepeatedScalarFieldContainer[int]
    n: _containers.RepeatedScalarFieldContainer[int]
    o: _containers.RepeatedScalarFieldContainer[int]
    p: str
    q_q: str
    r_r: str
    def __init__(self, a: _Optional[int] = ..., b: _Optional[int] = ..., c: _Optional[float] = ..., d: _Optional[float] = ..., e: _Optional[float] = ..., f: _Optional[float] = ..., g: _Optional[float] = ..., h: _Optional[bool] = ..., i: _Optional[str] = ..., j: _Optional[bytes] = ..., k: _Optional[_Union[Level, str]] = ..., l: _Optional[int] = ..., m: _Optional[_Iterable[int]] = ..., n: _Optional[_Iterable[int]] = ..., o: _Optional[_Iterable[int]] = ..., p: _Optional[str] = ..., q_q: _Optional[str] = ..., r_r: _Optional[str] = ...) -> None: ...

class Groups(_message.Message):
    __slots__ = ("item", "single", "text", "picked")
    class Item(_message.Message):
        __slots__ = ("name", "inner")
        class Inner(_message.Message):
            __slots__ = ("level",)
            LEVEL_FIELD_NUMBER: _ClassVar[int]
            level: Level
            def __init__(self, level: _Optional[_Union[Level, str]] = ...) -> None: ...
        NAME_FIELD_NUMBER: _ClassVar[int]
        INNER_FIELD_NUMBER: _ClassVar[int]
        name: str
        inner: Groups.Item.Inner
        def __init__(self, name: _Optional[str] = ..., inner: _Optional[_Union[Groups.Item.Inner, _Mapping]] = ...) -> None: ...
    class Single(_message.Message):
        __slots__ = ()
        def __init__(self) -> None: ...
    class Picked(_message.Message):
        __slots__ = ("levels",)
        class LevelsEntry(_message.Message):
            __slots__ = ("key", "value")
            KEY_FIELD_NUMBER: _ClassVar[int]
            VALUE_FIELD_NUMBER: _ClassVar[int]
            key: str
            value: Defaults
            def __init__(self, key: _Optional[str] = ..., value: _Optional[_Union[Defaults, _Mapping]] = ...) -> None: ...
        LEVELS_FIELD_NUMBER: _ClassVar[int]
        levels: _containers.MessageMap[str, Defaults]
        def __init__(self, levels: _Optional[_Mapping[str, Defaults]] = ...) -> None: ...
    ITEM_FIELD_NUMBER: _ClassVar[int]
    SINGLE_FIELD_NUMBER: _ClassVar[int]
    TEXT_FIELD_NUMBER: _ClassVar[int]
    PICKED_FIELD_NUMBER: _ClassVar[int]
    item: _containers.RepeatedCompositeFieldContainer[Groups.Item]
    single: Groups.Single
    text: str
    picked: Groups.Picked
    def __init__(self, item: _Optional[_Iterable[_Union[Groups.Item, _Mapping]]] = ..., single: _Optional[_Union[Groups.Single, _Mapping]] = ..., text: _Optional[str] = ..., picked: _Optional[_Union[Groups.Picked, _Mapping]] = ...) -> None: ...

class Open(_message.Message):
    __slots__ = ("level",)
    Extensions: _python_message._ExtensionDict
    LEVEL_FIELD_NUMBER: _ClassVar[int]
    level: Level
    def __init__(self, level: _Optional[_Union[Level, str]] = ...) -> None: ...

class MessageSet(_message.Message):
    __slots__ = ()
    Extensions: _python_message._ExtensionDict
    def __init__(self) -> None: ...

class Grouped(_message.Message):
    __slots__ = ("x",)
    X_FIELD_NUMBER: _ClassVar[int]
    x: str
    def __init__(self, x: _Optional[str] = ...) -> None: ...

class Scope(_message.Message):
    __slots__ = ("deep", "e")
    Extensions: _python_message._ExtensionDict
    class Deep(_message.Message):
        __slots__ = ()
        class E(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
            __slots__ = ()
            E0: _ClassVar[Scope.Deep.E]
        E0: Scope.Deep.E
        NESTED_ONE_FIELD_NUMBER: _ClassVar[int]
        nested_one: _descriptor.FieldDescriptor
        CLASS_FIELD_NUMBER: _ClassVar[int]
        class: _descriptor.FieldDescriptor
        def __init__(self) -> None: ...
    MESSAGE_SET_EXTENSION_FIELD_NUMBER: _ClassVar[int]
    message_set_extension: _descriptor.FieldDescriptor
    DEEP_FIELD_NUMBER: _ClassVar[int]
    E_FIELD_NUMBER: _ClassVar[int]
    deep: Scope.Deep
    e: Scope.Deep.E
    def __init__(self, deep: _Optional[_Union[Scope.Deep, _Mapping]] = ..., e: _Optional[_Union[Scope.Deep.E, str]] = ...) -> None: ...

class Generic(_service.service): ...

class Generic_Stub(Generic): ...
