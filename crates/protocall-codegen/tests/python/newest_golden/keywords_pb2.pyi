import importlib
_import_pb2 = importlib.import_module('for.class.import_pb2')
_other_pb2 = importlib.import_module('for.other_pb2')
from google.protobuf.internal import containers as _containers
from google.protobuf.internal import enum_type_wrapper as _enum_type_wrapper
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class Not(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    not: _ClassVar[Not]
    nonlocal: _ClassVar[Not]
not: Not
nonlocal: Not

class class(_message.Message):
    __slots__ = ("self", "none", "w", "t", "map", "d", "fine", "print")
    class MapEntry(_message.Message):
        __slots__ = ("key", "value")
        KEY_FIELD_NUMBER: _ClassVar[int]
        VALUE_FIELD_NUMBER: _ClassVar[int]
        key: str
        value: _import_pb2.globals()['None']
        def __init__(self, key: _Optional[str] = ..., value: _Optional[_Union[_import_pb2.globals()['None'], _Mapping]] = ...) -> None: ...
    class def(_message.Message):
        __slots__ = ("c",)
        C_FIELD_NUMBER: _ClassVar[int]
        c: globals()['class']
        def __init__(self, c: _Optional[_Union[globals()['class'], _Mapping]] = ...) -> None: ...
    FROM_FIELD_NUMBER: _ClassVar[int]
    SELF_FIELD_NUMBER: _ClassVar[int]
    NONE_FIELD_NUMBER: _ClassVar[int]
    PASS_FIELD_NUMBER: _ClassVar[int]
    W_FIELD_NUMBER: _ClassVar[int]
    T_FIELD_NUMBER: _ClassVar[int]
    MAP_FIELD_NUMBER: _ClassVar[int]
    D_FIELD_NUMBER: _ClassVar[int]
    EXCEPT_FIELD_NUMBER: _ClassVar[int]
    FINE_FIELD_NUMBER: _ClassVar[int]
    PRINT_FIELD_NUMBER: _ClassVar[int]
    self: _containers.RepeatedScalarFieldContainer[str]
    none: _import_pb2.globals()['None']
    w: _import_pb2.getattr(getattr(globals()['None'], 'pass'), 'with')
    t: _import_pb2.globals()['True']
    map: _containers.MessageMap[str, _import_pb2.globals()['None']]
    d: getattr(globals()['class'], 'def')
    fine: int
    print: print
    def __init__(self_, self: _Optional[_Iterable[str]] = ..., none: _Optional[_Union[_import_pb2.globals()['None'], _Mapping]] = ..., w: _Optional[_Union[_import_pb2.getattr(getattr(globals()['None'], 'pass'), 'with'), str]] = ..., t: _Optional[_Union[_import_pb2.globals()['True'], str]] = ..., map: _Optional[_Mapping[str, _import_pb2.globals()['None']]] = ..., d: _Optional[_Union[getattr(globals()['class'], 'def'), _Mapping]] = ..., fine: _Optional[int] = ..., print: _Optional[_Union[print, _Mapping]] = ..., **kwargs) -> None: ...

class self_first(_message.Message):
    __slots__ = ("self", "other")
    SELF_FIELD_NUMBER: _ClassVar[int]
    OTHER_FIELD_NUMBER: _ClassVar[int]
    self: bool
    other: bool
    def __init__(self_, self: _Optional[bool] = ..., other: _Optional[bool] = ...) -> None: ...

class keyword_then_self(_message.Message):
    __slots__ = ("self",)
    IN_FIELD_NUMBER: _ClassVar[int]
    SELF_FIELD_NUMBER: _ClassVar[int]
    self: int
    def __init__(self_, self: _Optional[int] = ..., **kwargs) -> None: ...

class only_keywords(_message.Message):
    __slots__ = ()
    ASYNC_FIELD_NUMBER: _ClassVar[int]
    AWAIT_FIELD_NUMBER: _ClassVar[int]
    def __init__(self, **kwargs) -> None: ...

class print(_message.Message):
    __slots__ = ("other",)
    OTHER_FIELD_NUMBER: _ClassVar[int]
    other: _other_pb2.Other
    def __init__(self, other: _Optional[_Union[_other_pb2.Other, _Mapping]] = ...) -> None: ...
