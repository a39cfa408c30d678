"""The treasurer of made-up years: a key made from a fixed seed, so that the same year has the same bytes. Pure.

It signs made-up journals only: who has this code has the key.
"""

from datetime import UTC, datetime
from functools import lru_cache
from math import gcd
from random import Random

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.x509.oid import NameOID

_EXPONENT, _HALF, _ROUNDS, _SMALL_LIMIT = 65537, 1024, 24, 2000


@lru_cache(maxsize=1)
def signing_key() -> tuple[bytes, bytes]:
    """Key and certificate (PEM), always the same."""
    private = _private_key(Random("treasurer of made-up years"))  # noqa: S311 - everybody may know it
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Tesoriere di prova")])
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(private.public_key())
        .serial_number(1)
        .not_valid_before(datetime(2020, 1, 1, tzinfo=UTC))
        .not_valid_after(datetime(2049, 12, 31, tzinfo=UTC))
        .sign(private, hashes.SHA256())
    )
    pem = private.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    return pem, certificate.public_bytes(serialization.Encoding.PEM)


def _private_key(dice: Random) -> rsa.RSAPrivateKey:
    p, q = _prime(dice), _prime(dice)
    d = pow(_EXPONENT, -1, (p - 1) * (q - 1))
    public = rsa.RSAPublicNumbers(_EXPONENT, p * q)
    return rsa.RSAPrivateNumbers(p, q, d, d % (p - 1), d % (q - 1), pow(q, -1, p), public).private_key()


def _prime(dice: Random) -> int:
    """A probable prime with its two highest bits set."""
    small = _product_of_small_primes()
    while True:
        found = dice.getrandbits(_HALF) | 3 << (_HALF - 2) | 1
        if gcd(found, small) == 1 and gcd(found - 1, _EXPONENT) == 1 and _is_probable_prime(found, dice):
            return found


def _product_of_small_primes() -> int:
    product = 1
    for candidate in range(3, _SMALL_LIMIT, 2):
        if all(candidate % divisor for divisor in range(3, int(candidate**0.5) + 1, 2)):
            product *= candidate
    return product


def _is_probable_prime(number: int, dice: Random) -> bool:
    """Miller and Rabin."""
    odd, twos = number - 1, 0
    while odd % 2 == 0:
        odd, twos = odd // 2, twos + 1
    return all(_passes(dice.randrange(2, number - 1), number, odd, twos) for _ in range(_ROUNDS))


def _passes(base: int, number: int, odd: int, twos: int) -> bool:
    power = pow(base, odd, number)
    if power in (1, number - 1):
        return True
    for _ in range(twos - 1):
        power = power * power % number
        if power == number - 1:
            return True
    return False
