#!/usr/bin/env python3
"""Runs the benchmark's programs side by side; `cargo xtask bench` builds them and calls this.

Usage: run.py BIN [--quick] [--rounds N] [--seconds S] [--out DIR] [--only FIGURE]

BIN holds bench-peer, tonic-peer, connect-peer and go-peer. Every figure is measured in rounds, all
programs one after the other in each round, and the median of the rounds counts. How a program is
run is in `harness.py`, what calls feel of their neighbours in `neighbours.py`. Only the standard
library is used.
"""

import argparse
import os
import platform
import re
import subprocess
import sys
import tempfile

import neighbours
from harness import Bench, Failed, median

HERE = os.path.dirname(os.path.abspath(__file__))

# name in tables, program, argument for its threads; the first pair of each is one thread a core
PROGRAMS = [
    ("protocall, one thread a core", "bench-peer", "0"),
    ("protocall, two workers", "bench-peer", "2"),
    ("tonic, one thread", "tonic-peer", "0"),
    ("tonic, two workers", "tonic-peer", "2"),
    ("connectrpc, two workers", "connect-peer", "2"),
    ("grpc-go", "go-peer", None),
]

# key, title, unit, side, mode, connections, concurrency, size, place
FIGURES = [
    ("server-hello", "Server, hello, 4 connections x 50 calls", "call", "server", "hello", 4, 200,
     0, "tcp"),
    ("server-order", "Server, 2 KB message echoed, 4 connections x 50 calls", "call", "server",
     "order", 4, 200, 0, "tcp"),
    ("client-hello-200", "Client, hello, 4 connections, 200 calls at a time", "call", "client",
     "hello", 4, 200, 0, "tcp"),
    ("client-hello-100", "Client, hello, 1 connection, 100 calls at a time", "call", "client",
     "hello", 1, 100, 0, "tcp"),
    ("pair-hello-1", "Own client and own server, one call at a time", "call", "pair",
     "hello", 1, 1, 0, "tcp"),
    ("client-order-200", "Client, 2 KB message echoed, 4 connections, 200 calls at a time", "call",
     "client", "order", 4, 200, 0, "tcp"),
    ("client-bidi-64", "Client, ping-pong of 64 B on 200 streams", "message", "client",
     "bidi", 4, 200, 64, "tcp"),
    ("client-download-64k", "Client, download of 64 KiB messages on 20 streams", "message",
     "client", "download", 4, 20, 65536, "tcp"),
    ("client-upload-64k", "Client, upload of 64 KiB messages on 20 streams", "message", "client",
     "upload", 4, 20, 65536, "tcp"),
    ("client-download-64", "Client, download of 64 B messages on 20 streams", "message", "client",
     "download", 4, 20, 64, "tcp"),
    ("client-upload-64", "Client, upload of 64 B messages on 20 streams", "message", "client",
     "upload", 4, 20, 64, "tcp"),
    ("tls-hello", "Own client and own server over TLS, hello, 4 connections, 200 calls at a time",
     "call", "pair", "hello", 4, 200, 0, "tls"),
    ("tls-download-64k", "Own client and own server over TLS, download of 64 KiB messages on 20 "
     "streams", "message", "pair", "download", 4, 20, 65536, "tls"),
    ("unix-hello", "Own client and own server over a Unix socket, hello, 4 connections, 200 calls "
     "at a time", "call", "pair", "hello", 4, 200, 0, "unix"),
    ("unix-download-64k", "Own client and own server over a Unix socket, download of 64 KiB "
     "messages on 20 streams", "message", "pair", "download", 4, 20, 65536, "unix"),
]
# figures that a program has no mode for, and places that it has no way to
WITHOUT = {"order": ("connect-peer", "go-peer"), "tls": ("connect-peer", "go-peer"),
           "unix": ("connect-peer", "go-peer")}


def measure_all(bench, figures, rounds):
    """Medians by figure and program; a program that fails in any round says why instead."""
    results = {}
    for figure in figures:
        rows = {name: [] for name, program, _ in PROGRAMS
                if program not in WITHOUT.get(figure[4], ()) + WITHOUT.get(figure[8], ())}
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
            median(values)
            for name, values in rows.items()
        }
        for name, row in results[figure[0]].items():
            words = row.get("error") or " ".join("%s=%.2f" % item for item in row.items())
            print("%-20s %-30s %s" % (figure[0], name, words), flush=True)
    return results


def number(value):
    return "%.2f" % value if value < 10 else "%.1f" % value if value < 100 else "%.0f" % value


def table(figure, rows):
    _, title, unit, side, *_ = figure
    columns = {"cpu": "CPU, us a %s" % unit}
    if side == "pair":
        columns = {"cpu": "client's CPU, us a %s" % unit, "server": "server's"}
    columns["rate"] = "%ss/s" % unit
    if side != "server" and any(row.get("p50") for row in rows.values()):
        columns.update(p50="p50, us", p99="p99, us")
    return ["### %s" % title, ""] + grid(columns, rows)


def grid(columns, rows):
    """A table: what each column is called, by the key that rows have it under."""
    lines = ["| | " + " | ".join(columns.values()) + " |", "|---" + "|--:" * len(columns) + "|"]
    for name, row in rows.items():
        if "error" in row:
            cells = ["failed: " + row["error"].replace("|", "/")] + [""] * (len(columns) - 1)
        else:
            cells = ["" if key not in row else "{:,.0f}".format(row[key]) if key.endswith("rate")
                     else number(row[key]) for key in columns]
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
    try:
        with open("/proc/sys/net/ipv4/tcp_congestion_control") as file:
            control = ", TCP's congestion control " + file.read().strip()
    except OSError:
        control = ""
    return "%s, %d cores, Linux %s%s" % (model, os.cpu_count(), platform.release(), control)


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


def write_results(folder, figures, results, others, arguments):
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
    lines += others
    os.makedirs(folder, exist_ok=True)
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
                        choices=[figure[0] for figure in FIGURES] + list(neighbours.SECTIONS))
    arguments = parser.parse_args()
    load = os.getloadavg()[0]
    if arguments.quick:
        arguments.rounds, arguments.seconds = 1, 0.3
    figures = [figure for figure in FIGURES if not arguments.only or figure[0] in arguments.only]
    others = []
    with tempfile.TemporaryDirectory() as folder:
        bench = Bench(arguments.programs, arguments.seconds, folder)
        results = measure_all(bench, figures, arguments.rounds)
        for name, section in neighbours.SECTIONS.items():
            if not arguments.only or name in arguments.only:
                title, words, columns, rows = section(bench, arguments.rounds, arguments.quick)
                others += ["### " + title, "", words, ""] + grid(columns, rows)
                for row in rows.items():
                    print("%-20s %-40s %s" % ((name,) + row), flush=True)
    arguments.load = "%.1f before, %.1f after" % (load, os.getloadavg()[0])
    write_results(arguments.out, figures, results, others, arguments)
    failed = [name for rows in results.values() for name, row in rows.items()
              if name.startswith("protocall") and "error" in row]
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
