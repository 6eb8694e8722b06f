from google.protobuf import descriptor_pb2 as _descriptor_pb2
from google.protobuf import any_pb2 as _any_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf.internal import enum_type_wrapper as _enum_type_wrapper
from google.protobuf.internal import python_message as _python_message
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class Mode(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    OFF: _ClassVar[Mode]
    ON: _ClassVar[Mode]
OFF: Mode
ON: Mode
MORE_FIELD_NUMBER: _ClassVar[int]
more: _descriptor.FieldDescriptor
VALUES_FIELD_NUMBER: _ClassVar[int]
values: _descriptor.FieldDescriptor
FILE_OPT_FIELD_NUMBER: _ClassVar[int]
file_opt: _descriptor.FieldDescriptor
FILE_REP_FIELD_NUMBER: _ClassVar[int]
file_rep: _descriptor.FieldDescriptor
MSG_OPT_FIELD_NUMBER: _ClassVar[int]
msg_opt: _descriptor.FieldDescriptor
MSG_INT_FIELD_NUMBER: _ClassVar[int]
msg_int: _descriptor.FieldDescriptor
HIDDEN_FIELD_NUMBER: _ClassVar[int]
hidden: _descriptor.FieldDescriptor
UNPACKED_FIELD_NUMBER: _ClassVar[int]
unpacked: _descriptor.FieldDescriptor
PACKED_FIELD_NUMBER: _ClassVar[int]
packed: _descriptor.FieldDescriptor
FIELD_OPT_FIELD_NUMBER: _ClassVar[int]
field_opt: _descriptor.FieldDescriptor
FIELD_BYTES_FIELD_NUMBER: _ClassVar[int]
field_bytes: _descriptor.FieldDescriptor
FIELD_DOUBLE_FIELD_NUMBER: _ClassVar[int]
field_double: _descriptor.FieldDescriptor
FIELD_SINT_FIELD_NUMBER: _ClassVar[int]
field_sint: _descriptor.FieldDescriptor
FIELD_FIXED_FIELD_NUMBER: _ClassVar[int]
field_fixed: _descriptor.FieldDescriptor
ONEOF_OPT_FIELD_NUMBER: _ClassVar[int]
oneof_opt: _descriptor.FieldDescriptor
ENUM_OPT_FIELD_NUMBER: _ClassVar[int]
enum_opt: _descriptor.FieldDescriptor
VALUE_OPT_FIELD_NUMBER: _ClassVar[int]
value_opt: _descriptor.FieldDescriptor
SERVICE_OPT_FIELD_NUMBER: _ClassVar[int]
service_opt: _descriptor.FieldDescriptor
METHOD_OPT_FIELD_NUMBER: _ClassVar[int]
method_opt: _descriptor.FieldDescriptor
METHOD_HIDDEN_FIELD_NUMBER: _ClassVar[int]
method_hidden: _descriptor.FieldDescriptor
RANGE_OPT_FIELD_NUMBER: _ClassVar[int]
range_opt: _descriptor.FieldDescriptor

class Value(_message.Message):
    __slots__ = ("s", "n", "p", "v", "g", "m", "any", "source_only")
    Extensions: _python_message._ExtensionDict
    class G(_message.Message):
        __slots__ = ("b",)
        B_FIELD_NUMBER: _ClassVar[int]
        b: bool
        def __init__(self, b: _Optional[bool] = ...) -> None: ...
    class MEntry(_message.Message):
        __slots__ = ("key", "value")
        KEY_FIELD_NUMBER: _ClassVar[int]
        VALUE_FIELD_NUMBER: _ClassVar[int]
        key: str
        value: int
        def __init__(self, key: _Optional[str] = ..., value: _Optional[int] = ...) -> None: ...
    S_FIELD_NUMBER: _ClassVar[int]
    N_FIELD_NUMBER: _ClassVar[int]
    P_FIELD_NUMBER: _ClassVar[int]
    V_FIELD_NUMBER: _ClassVar[int]
    G_FIELD_NUMBER: _ClassVar[int]
    M_FIELD_NUMBER: _ClassVar[int]
    ANY_FIELD_NUMBER: _ClassVar[int]
    SOURCE_ONLY_FIELD_NUMBER: _ClassVar[int]
    s: str
    n: _containers.RepeatedScalarFieldContainer[int]
    p: _containers.RepeatedScalarFieldContainer[int]
    v: Value
    g: Value.G
    m: _containers.ScalarMap[str, int]
    any: _any_pb2.Any
    source_only: str
    def __init__(self, s: _Optional[str] = ..., n: _Optional[_Iterable[int]] = ..., p: _Optional[_Iterable[int]] = ..., v: _Optional[_Union[Value, _Mapping]] = ..., g: _Optional[_Union[Value.G, _Mapping]] = ..., m: _Optional[_Mapping[str, int]] = ..., any: _Optional[_Union[_any_pb2.Any, _Mapping]] = ..., source_only: _Optional[str] = ...) -> None: ...
