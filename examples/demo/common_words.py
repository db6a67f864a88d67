"""The words two texts share, found with lists only."""


def common_words(first: str, second: str) -> list[str]:
    """List the words of `first` that also occur in `second`.

    Each word is listed once, in the order in which `first` has it.

    >>> common_words("the cat and the dog", "a dog and the bird")
    ['the', 'and', 'dog']
    """
    result = []
    for word in first.split():
        if word in second.split() and word not in result:
            result.append(word)
    return result
