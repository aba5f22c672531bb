from typing import Any

from teardown.images import empty_repository


class FakeEcr:
    """A repository; an image that a list names stays until the list is gone."""

    def __init__(self, images: dict[str, str | None], *, never: str | None = None) -> None:
        self.images = images
        self.never = never
        self.largest = 0

    def get_paginator(self, _: str) -> "FakeEcr":
        return self

    def paginate(self, **_: str) -> list[dict[str, Any]]:
        # An image stands in the list once for each tag.
        return [{"imageIds": [{"imageDigest": digest} for digest in self.images for _ in range(2)]}]

    def batch_delete_image(self, *, repositoryName: str, imageIds: list[dict[str, str]]) -> dict[str, Any]:  # noqa: N803
        self.largest = max(self.largest, len(imageIds))
        failures = []
        for id_ in imageIds:
            digest = id_["imageDigest"]
            if self.images[digest] in self.images or digest == self.never:
                failures.append({"imageId": id_, "failureCode": "ImageReferencedByManifestList"})
            else:
                del self.images[digest]
        return {"failures": failures}


def test_all_images_go_a_hundred_at_a_time_and_lists_before_what_they_name() -> None:
    ecr = FakeEcr({"amd": "list", "arm": "list", "list": None, **{f"i{n:03}": None for n in range(150)}})
    assert empty_repository(ecr, "csv-import") == 153
    assert not ecr.images
    assert ecr.largest == 100


def test_what_never_goes_ends_the_rounds() -> None:
    ecr = FakeEcr({"a": None, "b": None}, never="b")
    assert empty_repository(ecr, "csv-import") == 1
    assert ecr.images == {"b": None}
