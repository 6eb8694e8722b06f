#!/usr/bin/env python3
"""Runs the benchmark's programs side by side; `cargo xtask bench` builds them and calls this.

Usage: run.py BIN [--quick] [--rounds N] [--seconds S] [--out DIR] [--only FIGURE]

BIN holds bench-peer, tonic-peer, connect-peer and go-peer. Every figure is measured in rounds, all
programs one after the other in each round, and the median of the rounds counts. CPU a call is user
and system time of the measured process alone, so it depends little on how busy the machine is.
Servers listen on 127.0.0.1 with a port that the system gives. Only the standard library is used.
"""

import argparse
import os
import platform
import re
import resource
import socket
import statistics
import struct
import subprocess
import sys
import tempfile
import time

HERE = os.path.dirname(os.path.abspath(__file__))
TICKS = os.sysconf("SC_CLK_TCK")
# a program that needs longer than this beyond its own time hangs
GRACE = 30

# name in tables, program, argument for its threads; the first pair of each is one thread a core
PROGRAMS = [
    ("protocall, one thread a core", "bench-peer", "0"),
    ("protocall, two workers", "bench-peer", "2"),
    ("tonic, one thread", "tonic-peer", "0"),
    ("tonic, two workers", "tonic-peer", "2"),
    ("connectrpc, two workers", "connect-peer", "2"),
    ("grpc-go", "go-peer", None),
]

# key, title, unit, side, mode, connections, concurrency, size
FIGURES = [
    ("server-hello", "Server, hello, 4 connections x 50 calls", "call", "server", "hello", 4, 200, 0),
    ("server-order", "Server, 2 KB message echoed, 4 connections x 50 calls", "call", "server",
     "order", 4, 200, 0),
    ("client-hello-200", "Client, hello, 4 connections, 200 calls at a time", "call", "client",
     "hello", 4, 200, 0),
    ("client-hello-100", "Client, hello, 1 connection, 100 calls at a time", "call", "client",
     "hello", 1, 100, 0),
    ("pair-hello-1", "Own client and own server, one call at a time", "call", "pair",
     "hello", 1, 1, 0),
    ("client-order-200", "Client, 2 KB message echoed, 4 connections, 200 calls at a time", "call",
     "client", "order", 4, 200, 0),
    ("client-bidi-64", "Client, ping-pong of 64 B on 200 streams", "message", "client",
     "bidi", 4, 200, 64),
    ("client-download-64k", "Client, download of 64 KiB messages on 20 streams", "message",
     "client", "download", 4, 20, 65536),
    ("client-upload-64k", "Client, upload of 64 KiB messages on 20 streams", "message", "client",
     "upload", 4, 20, 65536),
    ("client-download-64", "Client, download of 64 B messages on 20 streams", "message", "client",
     "download", 4, 20, 64),
    ("client-upload-64", "Client, upload of 64 B messages on 20 streams", "message", "client",
     "upload", 4, 20, 64),
]
# figures that a program has no mode for
WITHOUT = {"order": ("connect-peer", "go-peer")}


class Failed(Exception):
    """A program that did not do what it was started for."""


class Bench:
    def __init__(self, programs, seconds, order):
        self.programs, self.seconds, self.order = programs, seconds, order
        self.environment = dict(os.environ, BENCH_ORDER=order)

    def path(self, program):
        return os.path.join(self.programs, program)

    def serve(self, program, threads):
        """Starts a server on a port of the system's choice; returns it and its address."""
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            addr = "127.0.0.1:%d" % probe.getsockname()[1]
        command = [self.path(program), "server", addr] + ([threads] if threads else [])
        server = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
                                  env=self.environment)
        host, port = addr.split(":")
        for _ in range(200):
            try:
                socket.create_connection((host, int(port)), 0.2).close()
                return server, addr
            except OSError:
                time.sleep(0.05)
        stop(server)
        raise Failed("%s does not listen" % program)

    def server(self, program, threads, mode, conns, conc):
        """A server under h2load."""
        server, addr = self.serve(program, threads)
        try:
            with tempfile.NamedTemporaryFile() as body:
                path, message = self.request(mode)
                body.write(b"\0" + struct.pack(">I", len(message)) + message)
                body.flush()
                warm_up = 1
                command = ["h2load", "-c", str(conns), "-m", str(conc // conns), "-t", "1",
                           "-D", str(max(1, round(self.seconds))),
                           "--warm-up-time", str(warm_up), "-w", "20", "-W", "24",
                           "-d", body.name, "-H", "content-type: application/grpc",
                           "-H", "te: trailers", "http://%s%s" % (addr, path)]
                before = cpu(server.pid)
                text = run(command, self.seconds + warm_up + GRACE).stdout
                used = cpu(server.pid) - before
        finally:
            stop(server)
        rate = float(re.search(r"([\d.]+) req/s", text)[1])
        failed = re.search(r"(\d+) failed, (\d+) errored", text)
        if int(failed[1]) or int(failed[2]) or not rate:
            raise Failed("%s failed calls: %s" % (program, failed[0]))
        calls = rate * (max(1, round(self.seconds)) + warm_up)
        return {"rate": rate, "cpu": used / calls * 1e6}

    def request(self, mode):
        if mode == "hello":
            return "/example.HelloService/SendMessage", b"\x0a\x05World"
        with open(self.order, "rb") as file:
            return "/bench.Shop/Place", file.read()

    def client(self, program, threads, server, mode, conns, conc, size):
        """A client against a server, which is (program, threads)."""
        serving, addr = self.serve(*server)
        try:
            command = [self.path(program), "client", addr] + ([threads] if threads else [])
            command += [mode, str(conns), str(conc), str(size), str(self.seconds)]
            # of children that were waited for, which the server is only afterwards
            before = resource.getrusage(resource.RUSAGE_CHILDREN)
            text = run(command, self.seconds + GRACE, self.environment).stdout
            after = resource.getrusage(resource.RUSAGE_CHILDREN)
        finally:
            stop(serving)
        used = after.ru_utime - before.ru_utime + after.ru_stime - before.ru_stime
        values = dict(re.findall(r"(\w+)=([\d.]+)", text))
        calls = float(values.get("calls", 0))
        if not calls:
            raise Failed("%s made no call: %s" % (program, text.strip()))
        return {"rate": float(values["rps"]), "cpu": used / calls * 1e6,
                "p50": float(values["p50us"]), "p99": float(values["p99us"])}

    def measure(self, figure, program, threads):
        _, _, _, side, mode, conns, conc, size = figure
        if side == "server":
            return self.server(program, threads, mode, conns, conc)
        against = (program, threads) if side == "pair" else ("bench-peer", "0")
        return self.client(program, threads, against, mode, conns, conc, size)


def run(command, limit, environment=None):
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=limit,
                              env=environment)
    except subprocess.TimeoutExpired:
        raise Failed("%s: no end after %d s" % (os.path.basename(command[0]), limit))
    if done.returncode:
        last = (done.stderr.strip().splitlines() or ["no word"])[0]
        raise Failed("%s: %s" % (os.path.basename(command[0]), last[:120]))
    return done


def stop(process):
    process.kill()
    process.wait()


def cpu(pid):
    """Seconds of user and system time that a process has used."""
    with open("/proc/%d/stat" % pid) as file:
        fields = file.read().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / TICKS


def measure_all(bench, figures, rounds):
    """Medians by figure and program; a program that fails in any round says why instead."""
    results = {}
    for figure in figures:
        rows = {name: [] for name, program, _ in PROGRAMS
                if program not in WITHOUT.get(figure[4], ())}
        errors = {}
        for turn in range(rounds):
            for name, program, threads in PROGRAMS:
                if name not in rows or name in errors:
                    continue
                try:
                    rows[name].append(bench.measure(figure, program, threads))
                except Failed as error:
                    errors[name] = str(error)
                    print("  %s, %s: %s" % (figure[0], name, error), file=sys.stderr)
        results[figure[0]] = {
            name: {"error": errors[name]} if name in errors else
            {key: statistics.median(row[key] for row in values) for key in values[0]}
            for name, values in rows.items()
        }
        for name, row in results[figure[0]].items():
            words = row.get("error") or " ".join("%s=%.2f" % item for item in row.items())
            print("%-20s %-30s %s" % (figure[0], name, words), flush=True)
    return results


def number(value):
    return "%.2f" % value if value < 10 else "%.1f" % value if value < 100 else "%.0f" % value


def table(figure, rows):
    _, title, unit, side, _, _, _, _ = figure
    latency = side != "server" and any(row.get("p50") for row in rows.values())
    head = ["", "CPU, us a %s" % unit, "%ss/s" % unit] + (["p50, us", "p99, us"] if latency else [])
    lines = ["### %s" % title, "", "| " + " | ".join(head) + " |",
             "|---" + "|--:" * (len(head) - 1) + "|"]
    for name, row in rows.items():
        if "error" in row:
            cells = ["failed: " + row["error"].replace("|", "/")] + [""] * (len(head) - 2)
        else:
            cells = [number(row["cpu"]), "{:,.0f}".format(row["rate"])]
            cells += [number(row[key]) for key in ("p50", "p99")] if latency else []
        lines.append("| " + " | ".join([name] + cells) + " |")
    return lines + [""]


def first_line(*command):
    try:
        return subprocess.run(command, capture_output=True, text=True).stdout.splitlines()[0]
    except (OSError, IndexError):
        return "unknown"


def machine():
    model = "unknown processor"
    with open("/proc/cpuinfo") as file:
        for line in file:
            if line.startswith("model name"):
                model = line.split(":", 1)[1].strip()
                break
    return "%s, %d cores, Linux %s" % (model, os.cpu_count(), platform.release())


def versions():
    def locked(lock, name):
        with open(os.path.join(HERE, lock)) as file:
            found = re.search(r'name = "%s"\nversion = "([^"]+)"' % name, file.read())
        return found[1] if found else "unknown"
    with open(os.path.join(HERE, "peers/go/go.mod")) as file:
        go = re.search(r"google.golang.org/grpc v(\S+)", file.read())[1]
    return [
        "protocall %s" % locked("../Cargo.lock", "protocall"),
        "tonic %s on h2 %s" % (locked("peers/rust/Cargo.lock", "tonic"),
                               locked("peers/rust/Cargo.lock", "h2")),
        "connectrpc %s" % locked("peers/rust/Cargo.lock", "connectrpc"),
        "grpc-go %s" % go,
        first_line("rustc", "--version"),
        first_line("go", "version").replace("go version ", ""),
        first_line("h2load", "--version"),
    ]


def write_results(folder, figures, results, arguments):
    lines = [
        "# Results", "",
        "Written by `cargo xtask bench`. CPU is user and system time of the measured process "
        "alone; rates move with the machine, and with the other end, which shares it. Clients "
        "call our server, except where it says \"own\". \"One thread a core\" is two threads "
        "here, so its rates do not compare with those of one thread; CPU does.", "",
        "- machine: " + machine(),
        "- versions: " + "; ".join(versions()),
        "- command: `cargo xtask bench --rounds %d --seconds %g`: medians of the rounds, programs "
        "in turn" % (arguments.rounds, arguments.seconds),
        "- load average: %s (a busy machine shows in rates and p99, less in CPU)" % arguments.load,
        "",
        "![CPU a call, each stack beside ours](results.svg)", "",
    ]
    for figure in figures:
        lines += table(figure, results[figure[0]])
    with open(os.path.join(folder, "RESULTS.md"), "w") as file:
        file.write("\n".join(lines).rstrip() + "\n")
    with open(os.path.join(folder, "results.svg"), "w") as file:
        file.write(svg(figures, results))


COLOURS = ["#0b6e4f", "#5fb49c", "#8a3b12", "#d98e5f", "#5b5b8c", "#8c8c8c"]
BAR, GAP, LEFT, WIDTH = 15, 30, 210, 860


def svg(figures, results):
    """Bars of CPU a call: a group a figure, each with a scale of its own."""
    out, y = [], 34
    for figure in figures:
        rows = results[figure[0]]
        out.append(text(10, y, "%s: CPU, us a %s" % (figure[1], figure[2]), "bold"))
        y += 8
        largest = max((row["cpu"] for row in rows.values() if "cpu" in row), default=0) or 1
        for index, (name, _, _) in enumerate(PROGRAMS):
            row = rows.get(name)
            if row is None:
                continue
            out.append(text(LEFT - 8, y + BAR - 4, name, anchor="end"))
            if "cpu" in row:
                long = max(1, row["cpu"] / largest * (WIDTH - LEFT - 80))
                out.append('<rect x="%d" y="%d" width="%.1f" height="%d" fill="%s"/>' % (
                    LEFT, y, long, BAR - 3, COLOURS[index]))
                out.append(text(LEFT + long + 6, y + BAR - 4, number(row["cpu"])))
            else:
                out.append(text(LEFT, y + BAR - 4, "failed"))
            y += BAR
        y += GAP
    return (
        '<svg xmlns="http://www.w3.org/2000/svg" width="%d" height="%d" viewBox="0 0 %d %d" '
        'font-family="sans-serif" font-size="11">\n<title>CPU a call, each stack beside ours; '
        'less is better</title>\n<rect width="100%%" height="100%%" fill="#ffffff"/>\n%s\n</svg>\n'
        % (WIDTH, y, WIDTH, y, "\n".join(out)))


def text(x, y, words, weight="normal", anchor="start"):
    words = words.replace("&", "&amp;").replace("<", "&lt;")
    return '<text x="%.1f" y="%d" font-weight="%s" text-anchor="%s" fill="#222222">%s</text>' % (
        x, y, weight, anchor, words)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("programs", metavar="BIN", help="the folder of the programs")
    parser.add_argument("--quick", action="store_true",
                        help="one short round, which shows that everything runs")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seconds", type=float, default=3)
    parser.add_argument("--out", default=HERE, help="where RESULTS.md and results.svg go")
    parser.add_argument("--only", action="append", metavar="FIGURE",
                        choices=[figure[0] for figure in FIGURES])
    arguments = parser.parse_args()
    load = os.getloadavg()[0]
    if arguments.quick:
        arguments.rounds, arguments.seconds = 1, 1
    figures = [figure for figure in FIGURES if not arguments.only or figure[0] in arguments.only]
    with tempfile.TemporaryDirectory() as folder:
        order = os.path.join(folder, "order.binpb")
        with open(order, "wb") as file:
            program = os.path.join(arguments.programs, "bench-peer")
            subprocess.run([program, "order"], check=True, stdout=file)
        results = measure_all(Bench(arguments.programs, arguments.seconds, order), figures,
                              arguments.rounds)
    arguments.load = "%.1f before, %.1f after" % (load, os.getloadavg()[0])
    write_results(arguments.out, figures, results, arguments)
    failed = [name for rows in results.values() for name, row in rows.items()
              if name.startswith("protocall") and "error" in row]
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
