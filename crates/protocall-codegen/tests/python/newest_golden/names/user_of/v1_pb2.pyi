import datetime

from names.dash_and import dots_under_pb2 as _dots_under_pb2
from a import same_pb2 as _same_pb2
from b import same_pb2 as _same_pb2_1
from google.protobuf import timestamp_pb2 as _timestamp_pb2
from google.protobuf import duration_pb2 as _duration_pb2
from google.protobuf import any_pb2 as _any_pb2
from google.protobuf import empty_pb2 as _empty_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class User(_message.Message):
    __slots__ = ("dash", "e", "x", "y", "k", "kinds", "at", "spans", "times", "any")
    class KindsEntry(_message.Message):
        __slots__ = ("key", "value")
        KEY_FIELD_NUMBER: _ClassVar[int]
        VALUE_FIELD_NUMBER: _ClassVar[int]
        key: int
        value: _same_pb2_1.Same.Kind
        def __init__(self, key: _Optional[int] = ..., value: _Optional[_Union[_same_pb2_1.Same.Kind, str]] = ...) -> None: ...
    class TimesEntry(_message.Message):
        __slots__ = ("key", "value")
        KEY_FIELD_NUMBER: _ClassVar[int]
        VALUE_FIELD_NUMBER: _ClassVar[int]
        key: str
        value: _timestamp_pb2.Timestamp
        def __init__(self, key: _Optional[str] = ..., value: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ...) -> None: ...
    DASH_FIELD_NUMBER: _ClassVar[int]
    E_FIELD_NUMBER: _ClassVar[int]
    X_FIELD_NUMBER: _ClassVar[int]
    Y_FIELD_NUMBER: _ClassVar[int]
    K_FIELD_NUMBER: _ClassVar[int]
    KINDS_FIELD_NUMBER: _ClassVar[int]
    AT_FIELD_NUMBER: _ClassVar[int]
    SPANS_FIELD_NUMBER: _ClassVar[int]
    TIMES_FIELD_NUMBER: _ClassVar[int]
    ANY_FIELD_NUMBER: _ClassVar[int]
    dash: _dots_under_pb2.Dash
    e: _dots_under_pb2.DashEnum
    x: _same_pb2.Same
    y: _same_pb2_1.Same
    k: _containers.RepeatedScalarFieldContainer[_same_pb2.Same.Kind]
    kinds: _containers.ScalarMap[int, _same_pb2_1.Same.Kind]
    at: _timestamp_pb2.Timestamp
    spans: _containers.RepeatedCompositeFieldContainer[_duration_pb2.Duration]
    times: _containers.MessageMap[str, _timestamp_pb2.Timestamp]
    any: _any_pb2.Any
    def __init__(self, dash: _Optional[_Union[_dots_under_pb2.Dash, _Mapping]] = ..., e: _Optional[_Union[_dots_under_pb2.DashEnum, str]] = ..., x: _Optional[_Union[_same_pb2.Same, _Mapping]] = ..., y: _Optional[_Union[_same_pb2_1.Same, _Mapping]] = ..., k: _Optional[_Iterable[_Union[_same_pb2.Same.Kind, str]]] = ..., kinds: _Optional[_Mapping[int, _same_pb2_1.Same.Kind]] = ..., at: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., spans: _Optional[_Iterable[_Union[datetime.timedelta, _duration_pb2.Duration, _Mapping]]] = ..., times: _Optional[_Mapping[str, _timestamp_pb2.Timestamp]] = ..., any: _Optional[_Union[_any_pb2.Any, _Mapping]] = ...) -> None: ...
