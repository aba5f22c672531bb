from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials
from botocore.exceptions import CredentialRetrievalError
from hypothesis import given
from hypothesis import strategies as st

from csv_import.writing.signing import CONTENT_TYPE, Signer, host_of

NOW = datetime(2026, 11, 23, 12, 0, 5, 999, tzinfo=UTC)
ENDPOINT = "https://dynamodb.eu-central-1.amazonaws.com"
TARGET = "DynamoDB_20120810.BatchWriteItem"


class Changing:
    """Credentials that are others from time to time, as a role's are."""

    def __init__(self, *each: Credentials) -> None:
        self.each = list(each)

    def get_frozen_credentials(self) -> Any:
        return self.each[0].get_frozen_credentials()


def signer(
    credentials: Any, endpoint: str = ENDPOINT, region: str = "eu-central-1", now: Any = NOW
) -> Signer:
    return Signer(endpoint=endpoint, region=region, target=TARGET, credentials=credentials, now=lambda: now)


def lines(headers: list[str]) -> dict[str, str]:
    return {name.lower(): value for name, _, value in (header.partition(": ") for header in headers)}


def botocores(
    credentials: Credentials, endpoint: str, region: str, body: bytes, now: datetime
) -> dict[str, str]:
    """What botocore's signer makes of the same request."""
    request = AWSRequest(
        method="POST",
        url=endpoint,
        data=body,
        headers={"X-Amz-Target": TARGET, "Content-Type": CONTENT_TYPE},
    )
    auth: Any = SigV4Auth(credentials, "dynamodb", region)
    request.context["timestamp"] = stamp = now.astimezone(UTC).strftime("%Y%m%dT%H%M%SZ")
    request.headers["X-Amz-Date"] = stamp
    if credentials.token:
        request.headers["X-Amz-Security-Token"] = credentials.token
    canonical = auth.canonical_request(request)
    request.headers["Authorization"] = ""
    signature = auth.signature(auth.string_to_sign(request, canonical), request)
    del request.headers["Authorization"]
    auth._inject_signature_to_request(request, signature)
    return {"authorization": request.headers["Authorization"], "x-amz-date": stamp}


text = st.text(
    st.characters(codec="ascii", min_codepoint=33, exclude_characters=","), min_size=1, max_size=40
)
endpoints = st.builds(
    "{}://{}{}{}".format,
    st.sampled_from(["http", "https"]),
    st.sampled_from(["127.0.0.1", "[::1]", "dynamodb.eu-west-1.amazonaws.com", "Example.COM"]),
    st.sampled_from(["", ":8000", ":443", ":80"]),
    st.sampled_from(["", "/"]),
)
times = st.datetimes(datetime(2000, 1, 1), datetime(2100, 1, 1)).map(lambda each: each.replace(tzinfo=UTC))  # noqa: DTZ001


@given(text, text, st.none() | text, endpoints, text, st.binary(max_size=300), times)
def test_the_signature_is_botocores(  # noqa: PLR0917
    access: str, secret: str, token: str | None, endpoint: str, region: str, body: bytes, now: datetime
) -> None:
    credentials = Credentials(access, secret, token)
    ours = lines(signer(credentials, endpoint, region, now).headers(body))
    assert ours.items() >= botocores(credentials, endpoint, region, body, now).items()
    assert ours.get("x-amz-security-token") == token


@pytest.mark.parametrize(
    ("endpoint", "host"),
    [
        ("https://dynamodb.eu-west-1.amazonaws.com", "dynamodb.eu-west-1.amazonaws.com"),
        ("https://example.com:443/", "example.com"),
        ("http://example.com:443", "example.com:443"),
        ("http://127.0.0.1:8000", "127.0.0.1:8000"),
        ("http://[::1]:8000", "[::1]:8000"),
    ],
)
def test_a_schemes_own_port_is_left_out(endpoint: str, host: str) -> None:
    assert host_of(endpoint) == host


def test_credentials_that_are_refreshed_in_flight_are_used_from_the_next_second_on() -> None:
    old, new = Credentials("OLD", "secret", "t1"), Credentials("NEW", "other", "t2")
    credentials = Changing(old, new)
    later = NOW + timedelta(seconds=1)
    times = iter([NOW, NOW + timedelta(milliseconds=999), later])
    signing = Signer(
        endpoint=ENDPOINT,
        region="eu-central-1",
        target=TARGET,
        credentials=credentials,
        now=lambda: next(times),
    )
    assert "Credential=OLD/" in lines(signing.headers(b"x"))["authorization"]
    credentials.each.pop(0)
    assert "Credential=OLD/" in lines(signing.headers(b"x"))["authorization"], "they still hold for minutes"
    headers = lines(signing.headers(b"x"))
    assert headers["authorization"] == botocores(new, ENDPOINT, "eu-central-1", b"x", later)["authorization"]
    assert headers["x-amz-security-token"] == "t2"


def test_the_day_changes_in_flight() -> None:
    times = [NOW, NOW + timedelta(hours=12)]
    credentials = Credentials("A", "b")
    signing = Signer(
        endpoint=ENDPOINT, region="eu-central-1", target=TARGET, credentials=credentials, now=lambda: times[0]
    )
    signing.headers(b"x")
    times.pop(0)
    ours = lines(signing.headers(b"x"))["authorization"]
    assert ours == botocores(credentials, ENDPOINT, "eu-central-1", b"x", times[0])["authorization"]


def test_the_time_is_signed_in_utc() -> None:
    elsewhere = NOW.astimezone(timezone(timedelta(hours=9)))
    assert (
        lines(signer(Credentials("A", "b"), now=elsewhere).headers(b""))["x-amz-date"] == "20261123T120005Z"
    )


def test_credentials_that_are_not_there_are_asked_for_again_within_the_second() -> None:
    class Late:
        asked = 0

        def get_frozen_credentials(self) -> Any:
            self.asked += 1
            if self.asked == 1:
                raise CredentialRetrievalError(provider="container-role", error_msg="not yet")
            return Credentials("A", "b").get_frozen_credentials()

    signing = signer(Late())
    with pytest.raises(CredentialRetrievalError):
        signing.headers(b"x")
    ours = lines(signing.headers(b"x"))["authorization"]
    assert ours == botocores(Credentials("A", "b"), ENDPOINT, "eu-central-1", b"x", NOW)["authorization"]


def test_a_clock_that_is_set_back_is_signed_with() -> None:
    times = [NOW, NOW - timedelta(seconds=1)]
    credentials = Credentials("A", "b")
    signing = Signer(
        endpoint=ENDPOINT, region="eu-central-1", target=TARGET, credentials=credentials, now=lambda: times[0]
    )
    signing.headers(b"x")
    times.pop(0)
    assert lines(signing.headers(b"x"))["x-amz-date"] == f"{times[0]:%Y%m%dT%H%M%SZ}"
