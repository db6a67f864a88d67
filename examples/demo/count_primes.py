"""Prime counting as it is often first written: every divisor is tried."""


def count_primes(limit: int) -> int:
    """Count the prime numbers up to and including `limit`.

    >>> count_primes(10)
    4
    """
    count = 0
    for number in range(2, limit + 1):
        is_prime = True
        for divisor in range(2, number):
            if number % divisor == 0:
                is_prime = False
                break
        if is_prime:
            count += 1
    return count
