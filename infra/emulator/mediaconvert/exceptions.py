"""Errors as the API gives them; botocore's model adds the HTTP status."""

from __future__ import annotations

from infra.emulator.mediaconvert.plugin import ServiceException


class BadRequestException(ServiceException):
    """400: the request is wrong."""

    code = "BadRequestException"


class ForbiddenException(ServiceException):
    """403: the account's policy or the file's owner does not allow it."""

    code = "ForbiddenException"


class NotFoundException(ServiceException):
    """404: no such resource."""

    code = "NotFoundException"


class ConflictException(ServiceException):
    """409: the state of the resource does not allow it."""

    code = "ConflictException"


class UnprocessableEntityException(ServiceException):
    """422: the file was recognised, but it is malformed."""

    code = "UnprocessableEntityException"
