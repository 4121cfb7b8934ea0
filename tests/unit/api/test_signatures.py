"""What every JWT here stands on: one signature for one text, strict reading, and one module that asks the library."""

from pathlib import Path

import pytest
from grimp import ImportGraph
from hypothesis import given
from hypothesis import strategies as st
from importlinter.api import read_configuration
from importlinter.contracts.forbidden import ForbiddenContract

from app.api.signatures import Compact, Signer, Verifier, is_lower, read_object, take_apart
from app.domain.errors import Unauthenticated
from app.domain.public_jwks import PublicJwk, SigningAlgorithm
from tests.unit.api.forge import EC_KEY, ORDER, PEM, RSA_KEY

ROOT = Path(__file__).resolve().parents[3]
SIGNER = Signer(PEM)
VERIFIER = Verifier(EC_KEY.public_key(), SigningAlgorithm.ES256)


def compact(signed: bytes, signature: bytes) -> Compact:
    """A signed text that came apart."""
    return Compact("", b"", signed, signature)


@given(st.binary())
def test_of_the_two_signatures_that_hold_only_the_lower_is_made(text: bytes) -> None:
    made = SIGNER.sign(text)
    other = made[:32] + (ORDER - int.from_bytes(made[32:], "big")).to_bytes(32, "big")
    for each in (made, other):
        VERIFIER.check(compact(text, each))
    assert is_lower(made)
    assert not is_lower(other)


@given(st.binary(max_size=80), st.binary(max_size=80))
def test_bytes_that_are_no_signature_are_refused_whatever_their_length(text: bytes, signature: bytes) -> None:
    for verifier in (VERIFIER, *(Verifier(RSA_KEY.public_key(), SigningAlgorithm(alg)) for alg in ("RS256", "PS256"))):
        with pytest.raises(Unauthenticated):
            verifier.check(compact(text, signature))


@pytest.mark.parametrize(
    "key",
    [
        PublicJwk("off the curve", SigningAlgorithm.ES256, (1, 1)),
        PublicJwk("out of range", SigningAlgorithm.ES256, (2**256, 1)),
        PublicJwk("even exponent", SigningAlgorithm.RS256, (2**2048 + 1, 2)),
    ],
    ids=lambda key: key.kid,
)
def test_no_signature_is_by_a_key_that_is_none(key: PublicJwk) -> None:
    with pytest.raises(Unauthenticated):
        Verifier.of(key)


@given(st.text(alphabet="ab.=-_+/ \n", max_size=30))
def test_what_comes_apart_is_spelt_in_the_one_way(text: str) -> None:
    try:
        parts = take_apart(text, 30)
    except Unauthenticated:
        return
    assert text.encode().startswith(parts.signed + b".")
    assert text.count(".") == 2
    assert not set(text) & set("=+/ \n")


@pytest.mark.parametrize("text", [b"{}", b'{"a":1}', '{"é":["ü"]}'.encode(), b'{"a":-12345678901234567890}'])
def test_an_object_of_whole_numbers_is_read(text: bytes) -> None:
    assert isinstance(read_object(text), dict)


@pytest.mark.parametrize("number", ["1.0", "1e3", "1e400", "NaN", "Infinity", "-Infinity", "9" * 5000])
def test_a_number_that_is_not_whole_or_not_sane_is_refused(number: str) -> None:
    with pytest.raises(Unauthenticated):
        read_object(f'{{"a":{number}}}'.encode())


def kept_when_imported_by(*importers: str) -> bool:
    """Whether the build's rule about jose holds in a program of which these modules import it."""
    found = read_configuration(str(ROOT / "pyproject.toml"))
    (rule,) = (each for each in found["contracts_options"] if each.get("forbidden_modules") == ["jose"])
    graph = ImportGraph()
    graph.add_module("app")
    graph.add_module("jose", is_squashed=True)
    for importer in importers:
        graph.add_import(importer=importer, imported="jose")
    return bool(ForbiddenContract("jose", found["session_options"], rule).check(graph, verbose=False).kept)


@pytest.mark.parametrize("other", ["app.api.tokens", "app.api.v1.oauth", "app.services.clients", "app.main"])
def test_a_second_module_that_imported_jose_would_break_the_build(other: str) -> None:
    assert kept_when_imported_by("app.api.signatures")
    assert not kept_when_imported_by("app.api.signatures", other)
