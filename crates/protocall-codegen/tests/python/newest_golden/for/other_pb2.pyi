from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from typing import ClassVar as _ClassVar

DESCRIPTOR: _descriptor.FileDescriptor

class Other(_message.Message):
    __slots__ = ()
    IS_FIELD_NUMBER: _ClassVar[int]
    def __init__(self, **kwargs) -> None: ...
