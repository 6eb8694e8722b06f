"""Judges sessions of HPACK blocks by Python's hpack, beside our verdicts.

Reads what `hpack-sessions` prints. Both decoders must refuse a block, or both must find the same
fields in it; ours may refuse more where the standard leaves it to the implementation.
"""

import sys

import hpack

# RFC 7541 section 5.1 lets decoders limit integers; this one takes any length.
ALLOWED = {"IntegerOverflow"}


def new_decoder():
    decoder = hpack.Decoder()
    decoder.max_header_list_size = 1 << 30
    return decoder


def theirs(decoder, block):
    try:
        fields = decoder.decode(block, raw=True)
    # some broken blocks end in an error of Python's own, which refuses them as well
    except (hpack.HPACKError, IndexError, ValueError) as error:
        return f"refused {type(error).__name__}"
    return "fields" + "".join(f" {bytes(n).hex()}:{bytes(v).hex()}" for n, v in fields)


def main():
    counts = {"same fields": 0, "both refuse": 0, "ours may refuse": 0, "different": 0}
    decoder, block = None, b""
    for line in sys.stdin:
        word, _, rest = line.rstrip("\n").partition(" ")
        if word == "session":
            decoder = new_decoder()
        elif word == "allow":
            decoder.max_allowed_table_size = int(rest)
        elif word == "block":
            block = bytes.fromhex(rest)
        else:
            ours = line.rstrip("\n")
            other = theirs(decoder, block)
            if ours == other:
                counts["same fields"] += 1
            elif word == "refused" and other.startswith("refused"):
                counts["both refuse"] += 1
            elif word == "refused" and rest in ALLOWED:
                counts["ours may refuse"] += 1
            else:
                counts["different"] += 1
                print(f"block {block.hex()}\n  ours:   {ours}\n  theirs: {other}")
    print(f"hpack {hpack.__version__}: " + ", ".join(f"{n} {what}" for what, n in counts.items()))
    if counts["different"] or not (counts["same fields"] and counts["both refuse"]):
        sys.exit(1)


main()
