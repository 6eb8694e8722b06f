from google.protobuf import struct_pb2 as _struct_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf.internal import enum_type_wrapper as _enum_type_wrapper
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class Holder1(_message.Message):
    __slots__ = ("twin",)
    class TwinEnum(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
        __slots__ = ()
        X: _ClassVar[Holder1.TwinEnum]
    X: Holder1.TwinEnum
    class Twin(_message.Message):
        __slots__ = ("a",)
        A_FIELD_NUMBER: _ClassVar[int]
        a: int
        def __init__(self, a: _Optional[int] = ...) -> None: ...
    TWIN_FIELD_NUMBER: _ClassVar[int]
    twin: Holder1.Twin
    def __init__(self, twin: _Optional[_Union[Holder1.Twin, _Mapping]] = ...) -> None: ...

class Holder2(_message.Message):
    __slots__ = ("twin",)
    class TwinEnum(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
        __slots__ = ()
        X: _ClassVar[Holder2.TwinEnum]
    X: Holder2.TwinEnum
    class Twin(_message.Message):
        __slots__ = ("a",)
        A_FIELD_NUMBER: _ClassVar[int]
        a: int
        def __init__(self, a: _Optional[int] = ...) -> None: ...
    TWIN_FIELD_NUMBER: _ClassVar[int]
    twin: Holder2.Twin
    def __init__(self, twin: _Optional[_Union[Holder2.Twin, _Mapping]] = ...) -> None: ...

class Twin(_message.Message):
    __slots__ = ("a",)
    A_FIELD_NUMBER: _ClassVar[int]
    a: int
    def __init__(self, a: _Optional[int] = ...) -> None: ...

class Empty(_message.Message):
    __slots__ = ()
    def __init__(self) -> None: ...

class Node(_message.Message):
    __slots__ = ("left", "kids", "named")
    class NamedEntry(_message.Message):
        __slots__ = ("key", "value")
        KEY_FIELD_NUMBER: _ClassVar[int]
        VALUE_FIELD_NUMBER: _ClassVar[int]
        key: str
        value: Node
        def __init__(self, key: _Optional[str] = ..., value: _Optional[_Union[Node, _Mapping]] = ...) -> None: ...
    class Node2(_message.Message):
        __slots__ = ("n",)
        N_FIELD_NUMBER: _ClassVar[int]
        n: Node
        def __init__(self, n: _Optional[_Union[Node, _Mapping]] = ...) -> None: ...
    LEFT_FIELD_NUMBER: _ClassVar[int]
    KIDS_FIELD_NUMBER: _ClassVar[int]
    NAMED_FIELD_NUMBER: _ClassVar[int]
    left: Node
    kids: _containers.RepeatedCompositeFieldContainer[Node]
    named: _containers.MessageMap[str, Node]
    def __init__(self, left: _Optional[_Union[Node, _Mapping]] = ..., kids: _Optional[_Iterable[_Union[Node, _Mapping]]] = ..., named: _Optional[_Mapping[str, Node]] = ...) -> None: ...

class Outer(_message.Message):
    __slots__ = ("node",)
    class Node(_message.Message):
        __slots__ = ("other", "mine")
        OTHER_FIELD_NUMBER: _ClassVar[int]
        MINE_FIELD_NUMBER: _ClassVar[int]
        other: shapes_pb2.Node
        mine: Outer.Node
        def __init__(self, other: _Optional[_Union[shapes_pb2.Node, _Mapping]] = ..., mine: _Optional[_Union[Outer.Node, _Mapping]] = ...) -> None: ...
    class Inner(_message.Message):
        __slots__ = ("outer", "next")
        class Inner(_message.Message):
            __slots__ = ("deepest",)
            DEEPEST_FIELD_NUMBER: _ClassVar[int]
            deepest: Outer.Inner.Inner
            def __init__(self, deepest: _Optional[_Union[Outer.Inner.Inner, _Mapping]] = ...) -> None: ...
        OUTER_FIELD_NUMBER: _ClassVar[int]
        NEXT_FIELD_NUMBER: _ClassVar[int]
        outer: Outer
        next: Outer.Inner.Inner
        def __init__(self, outer: _Optional[_Union[Outer, _Mapping]] = ..., next: _Optional[_Union[Outer.Inner.Inner, _Mapping]] = ...) -> None: ...
    NODE_FIELD_NUMBER: _ClassVar[int]
    node: Outer.Node
    def __init__(self, node: _Optional[_Union[Outer.Node, _Mapping]] = ...) -> None: ...

class Scalars(_message.Message):
    __slots__ = ("a", "b", "c", "d", "e", "f", "g", "h", "i", "j", "k", "l", "m", "n", "o", "p", "q", "r", "s", "t", "u", "v", "w", "x", "y", "z", "CamelCase", "_lead", "trail_", "a1_b2")
    class Kind(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
        __slots__ = ()
        KIND_A: _ClassVar[Scalars.Kind]
        KIND_B: _ClassVar[Scalars.Kind]
    KIND_A: Scalars.Kind
    KIND_B: Scalars.Kind
    class UEntry(_message.Message):
        __slots__ = ("key", "value")
        KEY_FIELD_NUMBER: _ClassVar[int]
        VALUE_FIELD_NUMBER: _ClassVar[int]
        key: bool
        value: bytes
        def __init__(self, key: _Optional[bool] = ..., value: _Optional[bytes] = ...) -> None: ...
    class VEntry(_message.Message):
        __slots__ = ("key", "value")
        KEY_FIELD_NUMBER: _ClassVar[int]
        VALUE_FIELD_NUMBER: _ClassVar[int]
        key: int
        value: Scalars.Kind
        def __init__(self, key: _Optional[int] = ..., value: _Optional[_Union[Scalars.Kind, str]] = ...) -> None: ...
    class WEntry(_message.Message):
        __slots__ = ("key", "value")
        KEY_FIELD_NUMBER: _ClassVar[int]
        VALUE_FIELD_NUMBER: _ClassVar[int]
        key: str
        value: float
        def __init__(self, key: _Optional[str] = ..., value: _Optional[float] = ...) -> None: ...
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
    Q_FIELD_NUMBER: _ClassVar[int]
    R_FIELD_NUMBER: _ClassVar[int]
    S_FIELD_NUMBER: _ClassVar[int]
    T_FIELD_NUMBER: _ClassVar[int]
    U_FIELD_NUMBER: _ClassVar[int]
    V_FIELD_NUMBER: _ClassVar[int]
    W_FIELD_NUMBER: _ClassVar[int]
    X_FIELD_NUMBER: _ClassVar[int]
    Y_FIELD_NUMBER: _ClassVar[int]
    Z_FIELD_NUMBER: _ClassVar[int]
    CAMELCASE_FIELD_NUMBER: _ClassVar[int]
    _LEAD_FIELD_NUMBER: _ClassVar[int]
    TRAIL__FIELD_NUMBER: _ClassVar[int]
    A1_B2_FIELD_NUMBER: _ClassVar[int]
    a: float
    b: float
    c: int
    d: int
    e: int
    f: int
    g: int
    h: int
    i: int
    j: int
    k: int
    l: int
    m: bool
    n: str
    o: bytes
    p: bool
    q: Scalars.Kind
    r: _containers.RepeatedScalarFieldContainer[bool]
    s: _containers.RepeatedScalarFieldContainer[bytes]
    t: _containers.RepeatedScalarFieldContainer[Scalars.Kind]
    u: _containers.ScalarMap[bool, bytes]
    v: _containers.ScalarMap[int, Scalars.Kind]
    w: _containers.ScalarMap[str, float]
    x: _struct_pb2.Value
    y: _struct_pb2.ListValue
    z: _containers.RepeatedCompositeFieldContainer[_struct_pb2.Struct]
    CamelCase: int
    _lead: int
    trail_: int
    a1_b2: int
    def __init__(self, a: _Optional[float] = ..., b: _Optional[float] = ..., c: _Optional[int] = ..., d: _Optional[int] = ..., e: _Optional[int] = ..., f: _Optional[int] = ..., g: _Optional[int] = ..., h: _Optional[int] = ..., i: _Optional[int] = ..., j: _Optional[int] = ..., k: _Optional[int] = ..., l: _Optional[int] = ..., m: _Optional[bool] = ..., n: _Optional[str] = ..., o: _Optional[bytes] = ..., p: _Optional[bool] = ..., q: _Optional[_Union[Scalars.Kind, str]] = ..., r: _Optional[_Iterable[bool]] = ..., s: _Optional[_Iterable[bytes]] = ..., t: _Optional[_Iterable[_Union[Scalars.Kind, str]]] = ..., u: _Optional[_Mapping[bool, bytes]] = ..., v: _Optional[_Mapping[int, Scalars.Kind]] = ..., w: _Optional[_Mapping[str, float]] = ..., x: _Optional[_Union[_struct_pb2.Value, _Mapping]] = ..., y: _Optional[_Union[_struct_pb2.ListValue, _Mapping]] = ..., z: _Optional[_Iterable[_Union[_struct_pb2.Struct, _Mapping]]] = ..., CamelCase: _Optional[int] = ..., _lead: _Optional[int] = ..., trail_: _Optional[int] = ..., a1_b2: _Optional[int] = ...) -> None: ...

class Only(_message.Message):
    __slots__ = ("one",)
    ONE_FIELD_NUMBER: _ClassVar[int]
    one: _containers.RepeatedScalarFieldContainer[int]
    def __init__(self, one: _Optional[_Iterable[int]] = ...) -> None: ...

class OneMap(_message.Message):
    __slots__ = ("m",)
    class MEntry(_message.Message):
        __slots__ = ("key", "value")
        KEY_FIELD_NUMBER: _ClassVar[int]
        VALUE_FIELD_NUMBER: _ClassVar[int]
        key: int
        value: int
        def __init__(self, key: _Optional[int] = ..., value: _Optional[int] = ...) -> None: ...
    M_FIELD_NUMBER: _ClassVar[int]
    m: _containers.ScalarMap[int, int]
    def __init__(self, m: _Optional[_Mapping[int, int]] = ...) -> None: ...

class OneEnum(_message.Message):
    __slots__ = ("kind",)
    KIND_FIELD_NUMBER: _ClassVar[int]
    kind: Scalars.Kind
    def __init__(self, kind: _Optional[_Union[Scalars.Kind, str]] = ...) -> None: ...
