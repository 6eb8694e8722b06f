from google.protobuf import other_pb2 as _other_pb2
from google.protobuf import shown_too_pb2 as _shown_too_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf.internal import enum_type_wrapper as _enum_type_wrapper
from google.protobuf.internal import python_message as _python_message
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from typing import ClassVar as _ClassVar, Mapping as _Mapping, Optional as _Optional, Union as _Union
from google.protobuf.shown_too_pb2 import Shown as Shown

DESCRIPTOR: _descriptor.FileDescriptor

class Top(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    TOP: _ClassVar[Top]
TOP: Top
TOP_FIELD_NUMBER: _ClassVar[int]
top: _descriptor.FieldDescriptor
FROM_FIELD_NUMBER: _ClassVar[int]
from: _descriptor.FieldDescriptor

class FeatureSet(_message.Message):
    __slots__ = ("field_presence", "enum_type", "repeated_field_encoding", "utf8_validation", "message_encoding", "json_format")
    class FieldPresence(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
        __slots__ = ()
        FIELD_PRESENCE_UNKNOWN: _ClassVar[FeatureSet.FieldPresence]
        EXPLICIT: _ClassVar[FeatureSet.FieldPresence]
        LEGACY_REQUIRED: _ClassVar[FeatureSet.FieldPresence]
    FIELD_PRESENCE_UNKNOWN: FeatureSet.FieldPresence
    EXPLICIT: FeatureSet.FieldPresence
    LEGACY_REQUIRED: FeatureSet.FieldPresence
    class EnumType(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
        __slots__ = ()
        CLOSED: _ClassVar[FeatureSet.EnumType]
    CLOSED: FeatureSet.EnumType
    class RepeatedFieldEncoding(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
        __slots__ = ()
        PACKED: _ClassVar[FeatureSet.RepeatedFieldEncoding]
        EXPANDED: _ClassVar[FeatureSet.RepeatedFieldEncoding]
    PACKED: FeatureSet.RepeatedFieldEncoding
    EXPANDED: FeatureSet.RepeatedFieldEncoding
    class Utf8Validation(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
        __slots__ = ()
        NONE: _ClassVar[FeatureSet.Utf8Validation]
    NONE: FeatureSet.Utf8Validation
    class MessageEncoding(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
        __slots__ = ()
        LENGTH_PREFIXED: _ClassVar[FeatureSet.MessageEncoding]
        DELIMITED: _ClassVar[FeatureSet.MessageEncoding]
    LENGTH_PREFIXED: FeatureSet.MessageEncoding
    DELIMITED: FeatureSet.MessageEncoding
    class JsonFormat(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
        __slots__ = ()
        LEGACY_BEST_EFFORT: _ClassVar[FeatureSet.JsonFormat]
    LEGACY_BEST_EFFORT: FeatureSet.JsonFormat
    FIELD_PRESENCE_FIELD_NUMBER: _ClassVar[int]
    ENUM_TYPE_FIELD_NUMBER: _ClassVar[int]
    REPEATED_FIELD_ENCODING_FIELD_NUMBER: _ClassVar[int]
    UTF8_VALIDATION_FIELD_NUMBER: _ClassVar[int]
    MESSAGE_ENCODING_FIELD_NUMBER: _ClassVar[int]
    JSON_FORMAT_FIELD_NUMBER: _ClassVar[int]
    field_presence: FeatureSet.FieldPresence
    enum_type: FeatureSet.EnumType
    repeated_field_encoding: FeatureSet.RepeatedFieldEncoding
    utf8_validation: FeatureSet.Utf8Validation
    message_encoding: FeatureSet.MessageEncoding
    json_format: FeatureSet.JsonFormat
    def __init__(self, field_presence: _Optional[_Union[FeatureSet.FieldPresence, str]] = ..., enum_type: _Optional[_Union[FeatureSet.EnumType, str]] = ..., repeated_field_encoding: _Optional[_Union[FeatureSet.RepeatedFieldEncoding, str]] = ..., utf8_validation: _Optional[_Union[FeatureSet.Utf8Validation, str]] = ..., message_encoding: _Optional[_Union[FeatureSet.MessageEncoding, str]] = ..., json_format: _Optional[_Union[FeatureSet.JsonFormat, str]] = ...) -> None: ...

class Extra(_message.Message):
    __slots__ = ("a", "g", "s", "f", "inf", "negative", "nan", "small", "tenth", "large", "text", "unsigned", "signed", "zero", "none", "first", "fixed", "must", "yes", "no", "map", "long", "word")
    Extensions: _python_message._ExtensionDict
    class G(_message.Message):
        __slots__ = ("x",)
        X_FIELD_NUMBER: _ClassVar[int]
        x: int
        def __init__(self, x: _Optional[int] = ...) -> None: ...
    class Inner(_message.Message):
        __slots__ = ("e",)
        class InnerEnum(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
            __slots__ = ()
            Z: _ClassVar[Extra.Inner.InnerEnum]
            Y: _ClassVar[Extra.Inner.InnerEnum]
        Z: Extra.Inner.InnerEnum
        Y: Extra.Inner.InnerEnum
        class Deep(_message.Message):
            __slots__ = ()
            class Deepest(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
                __slots__ = ()
                D: _ClassVar[Extra.Inner.Deep.Deepest]
            D: Extra.Inner.Deep.Deepest
            def __init__(self) -> None: ...
        E_FIELD_NUMBER: _ClassVar[int]
        e: Extra.Inner.InnerEnum
        def __init__(self, e: _Optional[_Union[Extra.Inner.InnerEnum, str]] = ...) -> None: ...
    class MapEntry(_message.Message):
        __slots__ = ("key", "value")
        KEY_FIELD_NUMBER: _ClassVar[int]
        VALUE_FIELD_NUMBER: _ClassVar[int]
        key: str
        value: Extra.Inner
        def __init__(self, key: _Optional[str] = ..., value: _Optional[_Union[Extra.Inner, _Mapping]] = ...) -> None: ...
    NESTED_FIELD_NUMBER: _ClassVar[int]
    nested: _descriptor.FieldDescriptor
    PACKED_FIELD_NUMBER: _ClassVar[int]
    packed: _descriptor.FieldDescriptor
    A_FIELD_NUMBER: _ClassVar[int]
    G_FIELD_NUMBER: _ClassVar[int]
    S_FIELD_NUMBER: _ClassVar[int]
    F_FIELD_NUMBER: _ClassVar[int]
    INF_FIELD_NUMBER: _ClassVar[int]
    NEGATIVE_FIELD_NUMBER: _ClassVar[int]
    NAN_FIELD_NUMBER: _ClassVar[int]
    SMALL_FIELD_NUMBER: _ClassVar[int]
    TENTH_FIELD_NUMBER: _ClassVar[int]
    LARGE_FIELD_NUMBER: _ClassVar[int]
    TEXT_FIELD_NUMBER: _ClassVar[int]
    UNSIGNED_FIELD_NUMBER: _ClassVar[int]
    SIGNED_FIELD_NUMBER: _ClassVar[int]
    ZERO_FIELD_NUMBER: _ClassVar[int]
    NONE_FIELD_NUMBER: _ClassVar[int]
    FIRST_FIELD_NUMBER: _ClassVar[int]
    FIXED_FIELD_NUMBER: _ClassVar[int]
    MUST_FIELD_NUMBER: _ClassVar[int]
    YES_FIELD_NUMBER: _ClassVar[int]
    NO_FIELD_NUMBER: _ClassVar[int]
    MAP_FIELD_NUMBER: _ClassVar[int]
    LONG_FIELD_NUMBER: _ClassVar[int]
    WORD_FIELD_NUMBER: _ClassVar[int]
    a: int
    g: Extra.G
    s: str
    f: FeatureSet
    inf: float
    negative: float
    nan: float
    small: float
    tenth: float
    large: float
    text: str
    unsigned: int
    signed: int
    zero: float
    none: bytes
    first: Extra.Inner.InnerEnum
    fixed: int
    must: int
    yes: bool
    no: bool
    map: _containers.MessageMap[str, Extra.Inner]
    long: int
    word: int
    def __init__(self, a: _Optional[int] = ..., g: _Optional[_Union[Extra.G, _Mapping]] = ..., s: _Optional[str] = ..., f: _Optional[_Union[FeatureSet, _Mapping]] = ..., inf: _Optional[float] = ..., negative: _Optional[float] = ..., nan: _Optional[float] = ..., small: _Optional[float] = ..., tenth: _Optional[float] = ..., large: _Optional[float] = ..., text: _Optional[str] = ..., unsigned: _Optional[int] = ..., signed: _Optional[int] = ..., zero: _Optional[float] = ..., none: _Optional[bytes] = ..., first: _Optional[_Union[Extra.Inner.InnerEnum, str]] = ..., fixed: _Optional[int] = ..., must: _Optional[int] = ..., yes: bool = ..., no: bool = ..., map: _Optional[_Mapping[str, Extra.Inner]] = ..., long: _Optional[int] = ..., word: _Optional[int] = ...) -> None: ...
