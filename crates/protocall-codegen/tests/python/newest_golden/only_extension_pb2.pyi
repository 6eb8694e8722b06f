from pub import c_pb2 as _c_pb2
from google.protobuf import descriptor as _descriptor
from typing import ClassVar as _ClassVar

DESCRIPTOR: _descriptor.FileDescriptor
STRAY_FIELD_NUMBER: _ClassVar[int]
stray: _descriptor.FieldDescriptor
