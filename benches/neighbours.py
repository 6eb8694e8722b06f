"""What calls feel of each other, and what many of them cost: fairness, batches, scale, memory.

Each section gives its title, a sentence, its columns and its rows; `run.py` writes them down.
"""

import re
import subprocess
import time

from harness import GRACE, Failed, median, run, stop

OURS = [("one thread a core", "0"), ("two workers", "2")]
SERVERS = [("protocall", "bench-peer", "0"), ("tonic", "tonic-peer", "2"),
           ("grpc-go", "go-peer", None)]
BESIDE = {"slow-method": "one call in 100 is to a method that computes for 5 ms",
          "slow-call": "one call in 100 of the same method computes for 5 ms",
          "download": "a download of 64 MiB on the same connection, again and again"}
# calls at a time on one connection
BATCHES = [1, 2, 4, 100]
# connections, and calls at a time on each; with more in flight the client's memory is measured
SCALE = [(conns, calls) for conns in (1, 10, 100, 1000) for calls in (1, 10, 100, 1000)
         if conns * calls <= 100000]
# what is open while the server's memory is looked at
IDLE = [("1,000 connections", 1000, 0), ("10 connections, 10,000 streams", 10, 10000)]


def fairness(bench, rounds, _):
    rows = {}
    for beside, words in BESIDE.items():
        for name, threads in OURS:
            values = []
            for _ in range(rounds):
                serving, addr = bench.serve("bench-peer", threads)
                try:
                    command = [bench.path("bench-peer"), "fairness", addr, threads, beside,
                               str(bench.seconds)]
                    text = run(command, 3 * bench.seconds + GRACE).stdout
                finally:
                    stop(serving)
                found = [float(value) for value in re.findall(r"p\d+us=(\d+)", text)]
                keys = ("quiet50", "quiet99", "quiet999", "busy50", "busy99", "busy999")
                values.append(dict(zip(keys, found)))
            rows["%s; %s" % (words, name)] = median(values)
    columns = {"quiet50": "p50 alone, us", "quiet99": "p99", "quiet999": "p99.9",
               "busy50": "p50 beside it", "busy99": "p99", "busy999": "p99.9"}
    words = ("2,000 hello calls a second on one connection, our own client and server; first "
             "alone, then beside what takes long. Every thread of both shares the machine.")
    return "Fairness: hello calls beside what takes long", words, columns, rows


def batches(bench, rounds, _):
    rows = {}
    programs = [("protocall, " + name, "bench-peer", threads) for name, threads in OURS]
    programs += [("tonic, one thread", "tonic-peer", "0"),
                 ("tonic, two workers", "tonic-peer", "2")]
    floors = []
    for _ in range(rounds):
        text = run([bench.path("bench-peer"), "floor", str(bench.seconds)], GRACE).stdout
        floors.append({key: float(value) for key, value in re.findall(r"(p\d+)us=(\d+)", text)})
    rows["1 at a time; bare bytes between two threads"] = median(floors)
    for calls in BATCHES:
        for name, program, threads in programs:
            values = [bench.client(program, threads, (program, threads), "hello", 1, calls, 0)
                      for _ in range(rounds)]
            rows["%d at a time; %s" % (calls, name)] = median(values)
    columns = {"cpu": "client's CPU, us a call", "server": "server's", "rate": "calls/s",
               "p50": "p50, us", "p99": "p99", "p999": "p99.9"}
    words = ("Hello on one connection, own client and own server. One call at a time is mostly the "
             "machine's two wake-ups, which the first row has alone.")
    return "Batches: 1 to 100 calls at a time", words, columns, rows


def scale(bench, _, quick):
    rows = {}
    for conns, calls in SCALE[:3] if quick else SCALE:
        row = {}
        for name, program, threads in SERVERS:
            try:
                # once: nearly fifty runs, of which each is next to its neighbours
                found = bench.client("bench-peer", "0", (program, threads), "hello", conns,
                                     conns * calls, 0)
                row.update({name + " rate": found["rate"], name + " server": found["server"]})
            except Failed as error:
                print("  scale, %s, %d x %d: %s" % (name, conns, calls, error))
        rows["{:,} x {:,}".format(conns, calls)] = row
    columns = {}
    for name, _, _ in SERVERS:
        columns[name + " server"] = name + ", CPU, us a call"
        columns[name + " rate"] = "calls/s"
    words = ("Connections x calls at a time on each: hello from our client, the server's CPU. "
             "protocall: one thread a core; tonic: two workers.")
    return "Scale", words, columns, rows


def memory(bench, _, quick):
    rows = {}
    for words, conns, streams in IDLE:
        row = {}
        for name, program, threads in SERVERS:
            try:
                # once: memory does not depend on how busy the machine is
                row[name] = held(bench, program, threads, conns, streams, quick)
            except Failed as error:
                print("  memory, %s, %s: %s" % (name, words, error))
        rows[words] = row
    columns = {name: name + ", KiB each" for name, _, _ in SERVERS}
    words = ("Growth of the server's resident memory while its connections (or bidirectional "
             "streams that exchanged a message) are open and silent, as the system sees it.")
    return "Memory of what is idle", words, columns, rows


def held(bench, program, threads, conns, streams, quick):
    """Kibibytes of resident memory that each idle connection or stream holds."""
    # until a connection has found that it has nothing to do
    rest = 1 if quick else 4
    serving, addr = bench.serve(program, threads)
    try:
        def idle(conns, streams, seconds):
            command = [bench.path("bench-peer"), "client", addr, "0", "idle", str(conns),
                       str(streams), "64", str(seconds)]
            return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        if idle(8, 8, 1).wait(GRACE):
            raise Failed("the client failed")
        time.sleep(rest)
        before = resident(serving.pid)
        client = idle(conns, streams, 2 * rest)
        time.sleep(rest + rest / 2)
        if client.poll() is not None:
            raise Failed("the client ended early: %s" % client.stderr.read().decode()[:200])
        grown = resident(serving.pid) - before
        client.wait(GRACE)
    finally:
        stop(serving)
    return grown / (streams or conns)


def resident(pid):
    with open("/proc/%d/status" % pid) as file:
        return int(re.search(r"VmRSS:\s+(\d+)", file.read())[1])


SECTIONS = {"fairness": fairness, "batches": batches, "scale": scale, "memory": memory}
