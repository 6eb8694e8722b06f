from google.protobuf.internal import enum_type_wrapper as _enum_type_wrapper
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class True(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    yield: _ClassVar[globals()['True']]
    lambda: _ClassVar[globals()['True']]
yield: globals()['True']
lambda: globals()['True']

class None(_message.Message):
    __slots__ = ("x", "w")
    class with(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
        __slots__ = ()
        AS: _ClassVar[getattr(globals()['None'], 'with')]
    AS: getattr(globals()['None'], 'with')
    class pass(_message.Message):
        __slots__ = ("y",)
        class with(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
            __slots__ = ()
            IN: _ClassVar[getattr(getattr(globals()['None'], 'pass'), 'with')]
        IN: getattr(getattr(globals()['None'], 'pass'), 'with')
        Y_FIELD_NUMBER: _ClassVar[int]
        y: int
        def __init__(self, y: _Optional[int] = ...) -> None: ...
    X_FIELD_NUMBER: _ClassVar[int]
    W_FIELD_NUMBER: _ClassVar[int]
    x: int
    w: getattr(globals()['None'], 'with')
    def __init__(self, x: _Optional[int] = ..., w: _Optional[_Union[getattr(globals()['None'], 'with'), str]] = ...) -> None: ...
