"""The benchmark's programs: how one is started, loaded, measured and stopped.

CPU a call is user and system time of the measured process alone, so it depends little on how busy
the machine is. Servers listen on 127.0.0.1 with a port that the system gives, or on a Unix socket.
What is measured, and how it is written down, is in `run.py` and `neighbours.py`.
"""

import os
import re
import resource
import socket
import statistics
import struct
import subprocess
import tempfile
import time

TICKS = os.sysconf("SC_CLK_TCK")
# a program that needs longer than this beyond its own time hangs
GRACE = 30


class Failed(Exception):
    """A program that did not do what it was started for."""


class Bench:
    def __init__(self, programs, seconds, folder):
        self.programs, self.seconds, self.folder = programs, seconds, folder
        self.order = os.path.join(folder, "order.binpb")
        with open(self.order, "wb") as file:
            subprocess.run([self.path("bench-peer"), "order"], check=True, stdout=file)
        certificates = os.path.join(folder, "certificates")
        subprocess.run([self.path("bench-peer"), "certificates", certificates], check=True)
        plain = dict(os.environ, BENCH_ORDER=self.order)
        self.environments = {"tcp": plain, "unix": plain,
                             "tls": dict(plain, BENCH_TLS=certificates)}

    def path(self, program):
        return os.path.join(self.programs, program)

    def serve(self, program, threads, place="tcp"):
        """Starts a server on a port of the system's choice; returns it and its address."""
        if place == "unix":
            path = os.path.join(self.folder, "socket")
            if os.path.exists(path):
                os.remove(path)
            addr, family, to = "unix:" + path, socket.AF_UNIX, path
        else:
            with socket.socket() as probe:
                probe.bind(("127.0.0.1", 0))
                family, to = socket.AF_INET, probe.getsockname()
            addr = "%s:%d" % to
        command = [self.path(program), "server", addr] + ([threads] if threads else [])
        server = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
                                  env=self.environments[place])
        for _ in range(200):
            try:
                with socket.socket(family) as probe:
                    probe.connect(to)
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

    def client(self, program, threads, server, mode, conns, conc, size, place="tcp"):
        """A client against a server, which is (program, threads)."""
        serving, addr = self.serve(*server, place)
        try:
            command = [self.path(program), "client", addr] + ([threads] if threads else [])
            command += [mode, str(conns), str(conc), str(size), str(self.seconds)]
            # of children that were waited for, which the server is only afterwards
            before, serving_before = resource.getrusage(resource.RUSAGE_CHILDREN), cpu(serving.pid)
            text = run(command, self.seconds + GRACE, self.environments[place]).stdout
            after = resource.getrusage(resource.RUSAGE_CHILDREN)
            serving_used = cpu(serving.pid) - serving_before
        finally:
            stop(serving)
        used = after.ru_utime - before.ru_utime + after.ru_stime - before.ru_stime
        values = dict(re.findall(r"(\w+)=([\d.]+)", text))
        calls = float(values.get("calls", 0))
        if not calls:
            raise Failed("%s made no call: %s" % (program, text.strip()))
        row = {"rate": float(values["rps"]), "cpu": used / calls * 1e6,
               "server": serving_used / calls * 1e6}
        row.update({key: float(values[key + "us"]) for key in ("p50", "p99", "p999")
                    if key + "us" in values})
        return row

    def measure(self, figure, program, threads):
        _, _, _, side, mode, conns, conc, size, place = figure
        if side == "server":
            return self.server(program, threads, mode, conns, conc)
        against = (program, threads) if side == "pair" else ("bench-peer", "0")
        return self.client(program, threads, against, mode, conns, conc, size, place)


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


def median(rows):
    return {key: statistics.median(row[key] for row in rows) for key in rows[0]}
