"""Reports of pip and dpkg → CycloneDX."""

import copy
from typing import Any

import pytest

from image_build.bill_of_materials import bill, debian_packages, python_itself, python_packages


def report(**metadata: Any) -> dict[str, Any]:
    return {
        "install": [
            {
                "metadata": {"name": "typing_extensions", "version": "4.1", **metadata},
                "download_info": {"archive_info": {"hashes": {"sha256": "ab"}}},
            }
        ]
    }


def test_a_python_package_has_its_purl_and_its_hash() -> None:
    (package,) = python_packages(report())
    assert package["purl"] == package["bom-ref"] == "pkg:pypi/typing-extensions@4.1"
    assert package["hashes"] == [{"alg": "SHA-256", "content": "ab"}]
    assert "licenses" not in package


@pytest.mark.parametrize(
    ("metadata", "licenses"),
    [
        ({"license_expression": "MIT OR Apache-2.0", "license": "x"}, [{"expression": "MIT OR Apache-2.0"}]),
        ({"license": "MIT"}, [{"license": {"name": "MIT"}}]),
        ({"license": "Permission is hereby granted, " * 9}, None),
        ({"license": ""}, None),
    ],
    ids=["expression", "name", "a whole text", "none"],
)
def test_a_licence_is_given_where_it_has_a_name(metadata: dict[str, str], licenses: Any) -> None:
    (package,) = python_packages(report(**metadata))
    assert package.get("licenses") == licenses


def test_a_debian_package_has_its_architecture_and_an_escaped_version() -> None:
    (package,) = debian_packages("libc6\t2:2.36-9+deb12u1\tamd64\n", distribution="debian-12")
    assert package["purl"] == "pkg:deb/debian/libc6@2%3A2.36-9%2Bdeb12u1?arch=amd64&distro=debian-12"
    assert package["version"] == "2:2.36-9+deb12u1"


def test_the_same_components_in_any_order_are_the_same_bill() -> None:
    components = [python_itself("3.13.0"), *python_packages(report())]
    assert bill(components, name="i") == bill(reversed(components), name="i")


def test_another_version_is_another_bill() -> None:
    one, two = (bill([python_itself(version)], name="i") for version in ("3.13.0", "3.13.1"))
    assert one["serialNumber"] != two["serialNumber"]
    assert one["bomFormat"] == "CycloneDX"
    assert copy.deepcopy(one) == bill([python_itself("3.13.0")], name="i")
