"""The bodies that clients send; unknown keys are refused so that a misspelt one is noticed."""

from typing import Annotated, Any

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, model_validator

from ...services.compat.cognite.files import Filter, Ref

MAX_POINTS = 1000
MAX_ITEMS = 1000
_METADATA_BYTES = 64_000


def _no_bool(value: Any) -> Any:
    if isinstance(value, bool):
        raise ValueError("must be a number")
    return value


Int64 = Annotated[int, Field(strict=True, ge=1, le=2**63 - 1)]
Time = Annotated[int, Field(strict=True, ge=0, le=2**62)]
Ratio = Annotated[
    float, Field(strict=True, ge=0, le=1, allow_inf_nan=False), BeforeValidator(_no_bool)
]
ExternalId = Annotated[str, Field(strict=True, min_length=1, max_length=255)]
Text = Annotated[str, Field(strict=True, min_length=1, max_length=256)]


class Body(BaseModel):
    model_config = ConfigDict(extra="forbid")


# --- Segmentation --------------------------------------------------------------------------------


class InstanceId(Body):
    space: ExternalId
    externalId: ExternalId


class FileReference(Body):
    """A file by one of its three names."""

    fileId: Int64 | None = None
    fileExternalId: ExternalId | None = None
    fileInstanceId: InstanceId | None = None

    @model_validator(mode="after")
    def _one(self) -> "FileReference":
        given = [self.fileId, self.fileExternalId, self.fileInstanceId]
        if sum(name is not None for name in given) != 1:
            raise ValueError("give one of fileId, fileExternalId and fileInstanceId")
        return self

    def ref(self, space: str) -> Ref | None:
        """The file meant; None for one of another space than the project's own."""
        if self.fileInstanceId is None:
            return Ref(self.fileId, self.fileExternalId)
        if self.fileInstanceId.space != space:
            return None
        return Ref(external_id=self.fileInstanceId.externalId)


class Point(Body):
    x: Ratio
    y: Ratio
    label: Annotated[int, Field(strict=True, ge=0, le=1), BeforeValidator(_no_bool)] = 1


class Box(Body):
    xMin: Ratio
    yMin: Ratio
    xMax: Ratio
    yMax: Ratio

    @model_validator(mode="after")
    def _has_size(self) -> "Box":
        if self.xMin >= self.xMax:
            raise ValueError("xMin must be less than xMax")
        if self.yMin >= self.yMax:
            raise ValueError("yMin must be less than yMax")
        return self


class Segment(Body):
    items: Annotated[list[FileReference], Field(min_length=1, max_length=1)]
    points: Annotated[list[Point], Field(max_length=MAX_POINTS)] | None = None
    boundingBox: Box | None = None

    @model_validator(mode="after")
    def _prompted(self) -> "Segment":
        if not self.points and self.boundingBox is None:
            raise ValueError("give points, boundingBox or both")
        return self

    def repeated(self) -> Point | None:
        """The first point that was given before; points are unique."""
        seen: set[tuple[float, float, int]] = set()
        for point in self.points or ():
            key = (point.x, point.y, point.label)
            if key in seen:
                return point
            seen.add(key)
        return None


# --- Files ---------------------------------------------------------------------------------------


class NewFile(Body):
    name: Text
    externalId: ExternalId | None = None
    mimeType: Annotated[str, Field(strict=True, max_length=256)] | None = None
    metadata: dict[str, Annotated[str, Field(strict=True)]] | None = None

    @model_validator(mode="after")
    def _small(self) -> "NewFile":
        pairs = (self.metadata or {}).items()
        if sum(len(key.encode()) + len(value.encode()) for key, value in pairs) > _METADATA_BYTES:
            raise ValueError(f"metadata: at most {_METADATA_BYTES} bytes are taken")
        return self


class FileItem(Body):
    """A file by its id or its external id."""

    id: Int64 | None = None
    externalId: ExternalId | None = None

    @model_validator(mode="after")
    def _one(self) -> "FileItem":
        if (self.id is None) == (self.externalId is None):
            raise ValueError("give either id or externalId")
        return self

    def ref(self) -> Ref:
        return Ref(self.id, self.externalId)


class Items(Body):
    items: Annotated[list[FileItem], Field(min_length=1, max_length=MAX_ITEMS)]
    ignoreUnknownIds: Annotated[bool, Field(strict=True)] = False

    def refs(self) -> list[Ref]:
        return [item.ref() for item in self.items]


class OneItem(Body):
    items: Annotated[list[FileItem], Field(min_length=1, max_length=1)]


class Completed(FileItem):
    uploadId: Text


class Range(Body):
    min: Time | None = None
    max: Time | None = None


class FileFilter(Body):
    name: Text | None = None
    mimeType: Text | None = None
    externalIdPrefix: ExternalId | None = None
    uploaded: Annotated[bool, Field(strict=True)] | None = None
    createdTime: Range | None = None
    lastUpdatedTime: Range | None = None
    uploadedTime: Range | None = None

    def wanted(self) -> Filter:
        ranges = {
            "created": self.createdTime,
            "updated": self.lastUpdatedTime,
            "uploaded": self.uploadedTime,
        }
        return Filter(
            name=self.name,
            mime_type=self.mimeType,
            external_id_prefix=self.externalIdPrefix,
            uploaded=self.uploaded,
            times={name: (r.min, r.max) for name, r in ranges.items() if r is not None},
        )


class Listing(Body):
    filter: FileFilter | None = None
    limit: Annotated[int, Field(strict=True, ge=1, le=1000)] = 100
    cursor: Annotated[str, Field(strict=True, max_length=200)] | None = None
