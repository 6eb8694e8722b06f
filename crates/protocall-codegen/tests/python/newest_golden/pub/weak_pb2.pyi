from pub import c_pb2 as _c_pb2
from pub import b_pb2 as _b_pb2
from pub import c_pb2 as _c_pb2_1
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class W(_message.Message):
    __slots__ = ("b",)
    B_FIELD_NUMBER: _ClassVar[int]
    b: _b_pb2.B
    def __init__(self, b: _Optional[_Union[_b_pb2.B, _Mapping]] = ...) -> None: ...
