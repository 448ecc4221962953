#!/usr/bin/python3
"""Paxoscope and paxoskv's messages as Google's protobuf and gRPC write them, over separate processes on loopback.

usage: peers_test.py PAXOSCOPE PAXOSKV_PROTO PROTOC GRPC_PYTHON_PLUGIN
A plain client built from the .proto drives our acceptors; our proposers decide against acceptors in Python.
"""

import concurrent.futures
import contextlib
import importlib
import json
import os
import pathlib
import resource
import signal
import subprocess
import sys
import tempfile
import unittest

import grpc

PROGRAM = ""
pb = pb_grpc = None
LIMIT = 60  # seconds that anything here may take


def load_messages(proto, protoc, plugin, folder):
    """What protoc makes of the .proto: the messages and the stub of a plain client."""
    proto = pathlib.Path(proto)
    subprocess.run([protoc, f"--proto_path={proto.parent}", f"--python_out={folder}", f"--grpc_python_out={folder}",
                    f"--plugin=protoc-gen-grpc_python={plugin}", proto.name], check=True)
    sys.path.insert(0, folder)
    return importlib.import_module("paxoskv_pb2"), importlib.import_module("paxoskv_pb2_grpc")


def proposer(key="i", ver=0, ballot=None, value=None):
    message = pb.Proposer()
    if key is not None:
        message.Id.Key, message.Id.Ver = key, ver
    if ballot is not None:
        message.Bal.N, message.Bal.ProposerId = ballot
        message.Bal.SetInParent()
    if value is not None:
        message.Val.Vi64 = value
        message.Val.SetInParent()
    return message


def pair(ballot):
    return (ballot.N, ballot.ProposerId)


class Server:
    """`paxoscope serve` as a process of its own, on a port that the system chose."""

    def __init__(self, acceptor, data, *options, port=0, preexec_fn=None):
        self.process = subprocess.Popen(
            [PROGRAM, "serve", f"--acceptor={acceptor}", f"--data={data}", f"--listen=127.0.0.1:{port}", *options],
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, preexec_fn=preexec_fn)
        line = self.process.stdout.readline()
        if "listens on" not in line:
            raise RuntimeError(f"no server: {line}{self.process.stderr.read()}")
        self.address = line.split("listens on ")[1].split(";")[0]
        self.channel = grpc.insecure_channel(self.address)
        self.stub = pb_grpc.PaxosKVStub(self.channel)

    def prepare(self, message):
        return self.stub.Prepare(message, timeout=LIMIT, wait_for_ready=True)

    def accept(self, message):
        return self.stub.Accept(message, timeout=LIMIT, wait_for_ready=True)

    def raw(self, method, data):
        return self.channel.unary_unary(f"/paxoskv.PaxosKV/{method}")(data, timeout=LIMIT, wait_for_ready=True)

    def kill(self):
        self.channel.close()
        self.process.kill()
        self.process.communicate()

    def stop(self):
        """Ends it as Ctrl-C does; what it wrote to stderr."""
        self.channel.close()
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGINT)
        errors = self.process.communicate(timeout=LIMIT)[1]
        assert self.process.returncode == 0, (self.process.returncode, errors)
        return errors


class Cluster(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.TemporaryDirectory()
        self.servers = [Server(i, f"{self.folder.name}/{i}") for i in range(3)]

    def tearDown(self):
        for server in self.servers:
            server.stop()
        self.folder.cleanup()

    def on(self, ids):
        return [self.servers[i] for i in ids]

    def phase1(self, ids, key, ver, ballot):
        """As paxoskv: (the highest vote or None, the highest ballot that refused or None)."""
        replies = [server.prepare(proposer(key, ver, ballot)) for server in self.on(ids)]
        refused = [pair(r.LastBal) for r in replies if pair(r.LastBal) > ballot]
        votes = [(pair(r.VBal), r.Val.Vi64) for r in replies if r.HasField("Val")]
        return (max(votes)[1] if votes else None), (max(refused) if refused else None)

    def phase2(self, ids, key, ver, ballot, value):
        replies = [server.accept(proposer(key, ver, ballot, value)) for server in self.on(ids)]
        refused = [pair(r.LastBal) for r in replies if pair(r.LastBal) > ballot]
        return max(refused) if refused else None


class WorkedExamples(Cluster):
    """paxoskv's own three tests, by a client that knows nothing but the .proto."""

    def test_1_single_proposer(self):
        self.assertEqual(self.phase1([0, 1], "i", 0, (0, 10)), (None, None))
        self.assertIsNone(self.phase2([0, 1], "i", 0, (0, 10), 10))

    def test_2_two_proposers(self):
        self.assertEqual(self.phase1([0, 1], "i", 0, (1, 10)), (None, None))
        self.assertEqual(self.phase1([1, 2], "i", 0, (2, 11)), (None, None))
        self.assertEqual(self.phase2([0, 1], "i", 0, (1, 10), 100), (2, 11))
        self.assertIsNone(self.phase2([1, 2], "i", 0, (2, 11), 200))
        self.assertEqual(self.phase1([0, 1], "i", 0, (3, 10)), (200, None))
        self.assertIsNone(self.phase2([0, 1], "i", 0, (3, 10), 200))

    def test_3_key_value(self):
        def run_paxos(ver, value):
            ballot = (0, 2)
            while True:
                vote, beaten = self.phase1([0, 1, 2], "foo", ver, ballot)
                if beaten is None:
                    candidate = value if vote is None else vote
                    if candidate is None:
                        return None
                    beaten = self.phase2([0, 1, 2], "foo", ver, ballot, candidate)
                    if beaten is None:
                        return candidate
                ballot = (beaten[0] + 1, 2)

        self.assertEqual(run_paxos(0, 5), 5)
        self.assertEqual(run_paxos(0, None), 5)
        self.assertEqual(run_paxos(1, 6), 6)
        self.assertEqual(run_paxos(1, None), 6)
        self.assertEqual(run_paxos(0, None), 5)
        self.assertIsNone(run_paxos(2, None))


class BadMessages(unittest.TestCase):
    """Everything that brings paxoskv down or lets it forget: refused with a status, and the server lives on."""

    def setUp(self):
        self.folder = tempfile.TemporaryDirectory()
        self.server = Server(0, self.folder.name + "/0")
        self.server.accept(proposer("k", 0, (5, 1), 7))

    def tearDown(self):
        reply = self.server.prepare(proposer("k", 0, (4, 1)))  # below its promise: asks without changing
        self.assertEqual((pair(reply.LastBal), pair(reply.VBal), reply.Val.Vi64), ((5, 1), (5, 1), 7))
        self.assertEqual(self.server.stop(), "")
        self.folder.cleanup()

    def refused(self, message, naming, method="Prepare", status=grpc.StatusCode.INVALID_ARGUMENT):
        data = message if isinstance(message, bytes) else message.SerializeToString()
        with self.assertRaises(grpc.RpcError) as caught:
            self.server.raw(method, data)
        self.assertEqual(caught.exception.code(), status, caught.exception.details())
        self.assertIn(naming, caught.exception.details())

    def test_ballot_zero_means_never_voted(self):
        self.refused(proposer("k", 0, (0, 0)), "(0,0)")
        self.refused(proposer("k", 0, (0, 0), 1), "(0,0)", "Accept")

    def test_an_accept_without_a_value_erases_a_vote(self):
        self.refused(proposer("k", 0, (9, 1)), "Val is missing", "Accept")

    def test_a_request_without_a_ballot_or_an_instance_crashes_the_acceptor(self):
        for method in ("Prepare", "Accept"):
            self.refused(proposer("k", 0, None, 1), "Bal is missing", method)
            self.refused(proposer(None, 0, (9, 1), 1), "Id is missing", method)
            self.refused(b"", "Id is missing", method)

    def test_a_huge_number_wraps_and_the_instance_never_decides_again(self):
        for n in (2**40 + 1, 2**63 - 1, -1, -(2**63)):
            self.refused(proposer("k", 0, (n, 1)), "Bal.N", "Prepare")
            self.refused(proposer("k", 0, (n, 1), 1), "Bal.N", "Accept")
        for proposer_id in (2**23, 2**63 - 1, -1):
            self.refused(proposer("k", 0, (9, proposer_id)), "Bal.ProposerId")
        self.refused(proposer("k", -1, (9, 1)), "Id.Ver")

    def test_the_numbers_at_the_edge_are_fine(self):
        reply = self.server.prepare(proposer("edge", 2**63 - 1, (2**40, 2**23 - 1)))
        self.assertEqual(pair(reply.LastBal), (0, 0))
        self.assertTrue(reply.HasField("LastBal") and reply.HasField("VBal"), "a Go peer looks into both")
        self.assertFalse(reply.HasField("Val"))

    def test_keys(self):
        self.refused(proposer("k" * 1025, 0, (9, 1)), "Id.Key")
        self.refused(proposer("", 0, (9, 1)), "Id.Key")
        self.server.prepare(proposer("k" * 1024, 0, (9, 1)))
        self.refused(b"\x0a\x03\x0a\x01\xff\x12\x02\x08\x09", "UTF-8")

    def test_bytes_that_are_no_message(self):
        for data in (b"\xff", b"\x0a\x7f", os.urandom(1000).replace(b"\x0a", b"\x0b") or b"\xff"):
            self.refused(b"\x0b" + data, "not a Proposer")

    def test_messages_that_are_too_long(self):
        self.refused(b"\x22" + b"\xff\x3f" + b"x" * 8191, "", status=grpc.StatusCode.RESOURCE_EXHAUSTED)

    def test_methods_that_there_are_not(self):
        self.refused(proposer("k", 0, (9, 1)), "", "Forget", status=grpc.StatusCode.UNIMPLEMENTED)

    def test_bytes_that_speak_no_http(self):
        import socket
        host, port = self.server.address.split(":")
        for data in (b"GET / HTTP/1.1\r\n\r\n", b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + b"\xff" * 100, os.urandom(300), b""):
            with contextlib.suppress(OSError), socket.create_connection((host, int(port))) as connection:
                connection.sendall(data)


class Durability(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.TemporaryDirectory()
        self.data = self.folder.name + "/0"

    def tearDown(self):
        self.folder.cleanup()

    def test_kill_9_after_a_reply_loses_nothing(self):
        server = Server(0, self.data)
        server.accept(proposer("k", 3, (5, 1), -7))
        server.prepare(proposer("k", 3, (6, 2)))
        server.kill()
        server = Server(0, self.data)
        reply = server.prepare(proposer("k", 3, (1, 1)))
        self.assertEqual((pair(reply.LastBal), pair(reply.VBal), reply.Val.Vi64), ((6, 2), (5, 1), -7))
        server.stop()

    def accept_until_full(self, server, naming):
        """The highest number that each of three instances voted for; refusals say why."""
        promised = {}
        refusals = 0
        for n in range(1, 200):
            try:
                reply = server.accept(proposer("k", n % 3, (n, 1), n))
                promised[n % 3] = n
                self.assertLessEqual(pair(reply.LastBal), (n, 1))
            except grpc.RpcError as error:
                self.assertEqual(error.code(), grpc.StatusCode.RESOURCE_EXHAUSTED)
                self.assertIn(naming, error.details())
                refusals += 1
        self.assertGreater(refusals, 0)
        self.assertEqual(len(promised), 3)
        return promised

    def shows(self, server, promised):
        for ver, n in promised.items():  # asks below the promise: what needs no disk is answered by a full one too
            reply = server.prepare(proposer("k", ver, (0, 1)))
            self.assertEqual((pair(reply.LastBal), pair(reply.VBal), reply.Val.Vi64), ((n, 1), (n, 1), n))

    def test_a_full_disk_refuses_and_promises_nothing(self):
        limit = lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (2000, 2000))  # noqa: E731
        server = Server(0, self.data, preexec_fn=limit)
        promised = self.accept_until_full(server, "File too large")
        self.shows(server, promised)
        errors = server.stop()
        self.assertEqual(len(errors.splitlines()), 1, errors)
        self.assertIn("File too large", errors)
        server = Server(0, self.data)
        self.shows(server, promised)
        server.stop()

    def test_a_file_system_that_is_full_and_has_room_again(self):
        mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=64k", "paxoscope", self.folder.name],
                                 capture_output=True, text=True, check=False)
        if mounted.returncode != 0:
            self.skipTest(f"a small file system cannot be mounted here: {mounted.stderr.strip()}")
        try:
            server = Server(0, self.data)
            filler = pathlib.Path(self.folder.name, "filler")
            with contextlib.suppress(OSError), filler.open("wb", buffering=0) as file:
                while file.write(b"x" * 4096):
                    pass
            promised = self.accept_until_full(server, "No space left on device")
            self.shows(server, promised)
            server.kill()
            server = Server(0, self.data)
            self.shows(server, promised)
            with self.assertRaises(grpc.RpcError) as caught:
                server.accept(proposer("k", 0, (999, 1), 999))
            self.assertEqual(caught.exception.code(), grpc.StatusCode.RESOURCE_EXHAUSTED)
            filler.unlink()
            server.accept(proposer("k", 0, (1000, 1), 1000))
            self.shows(server, {**promised, 0: 1000})
            errors = server.stop().splitlines()
            self.assertEqual(len(errors), 2, errors)
            self.assertIn("No space left on device", errors[0])
            self.assertIn("takes writes again", errors[1])
        finally:
            subprocess.run(["umount", self.folder.name], check=True)


class PythonAcceptor:
    """paxoskv's acceptor as its .proto and the paper have it: what our proposers must be able to talk to."""

    def __init__(self):
        self.states = {}
        self.executor = concurrent.futures.ThreadPoolExecutor(max_workers=1)  # so no two requests at once
        self.server = grpc.server(self.executor)
        pb_grpc.add_PaxosKVServicer_to_server(self, self.server)
        self.port = self.server.add_insecure_port("127.0.0.1:0")
        self.server.start()

    def step(self, request, accept):
        state = self.states.setdefault((request.Id.Key, request.Id.Ver), pb.Acceptor())
        before = pb.Acceptor()
        before.CopyFrom(state)
        if pair(request.Bal) >= pair(state.LastBal):
            state.LastBal.CopyFrom(request.Bal)
            if accept:
                state.VBal.CopyFrom(request.Bal)
                state.Val.CopyFrom(request.Val)
        return before

    def Prepare(self, request, _context):  # noqa: N802
        return self.step(request, False)

    def Accept(self, request, _context):  # noqa: N802
        return self.step(request, True)


class OurProposers(unittest.TestCase):
    def setUp(self):
        self.acceptors = [PythonAcceptor() for _ in range(3)]
        self.peers = ",".join(f"127.0.0.1:{acceptor.port}" for acceptor in self.acceptors)

    def tearDown(self):
        for acceptor in self.acceptors:
            acceptor.server.stop(None)

    def decide(self, *options):
        result = subprocess.run(
            [PROGRAM, "run", f"--peers={self.peers}", "--proposers=3", "--operations-max=20", "--warm-up=0",
             "--round-trip=1ms", "--json=-", f"--duration={LIMIT}", *options],
            capture_output=True, text=True, timeout=2 * LIMIT, check=False)
        self.assertEqual(result.returncode, 0, result.stderr)
        return json.loads(result.stdout)

    def chosen(self):
        """By instance: the values that a quorum voted for in one ballot, as the acceptors' last states show it."""
        values = {}
        for instance in set().union(*(acceptor.states for acceptor in self.acceptors)):
            votes = [acceptor.states[instance] for acceptor in self.acceptors if instance in acceptor.states]
            values[instance] = {vote.Val.Vi64 for vote in votes
                                if sum(pair(vote.VBal) == pair(other.VBal) for other in votes) >= 2}
        return values

    def test_they_decide_against_acceptors_that_speak_the_proto(self):
        self.decide()
        chosen = self.chosen()
        self.assertGreaterEqual(len(chosen), 20)
        for instance, values in chosen.items():
            self.assertEqual(len(values), 1, instance)

    def test_a_dead_acceptor_costs_nothing_but_its_vote(self):
        self.acceptors[0].server.stop(None).wait()
        self.decide()
        self.assertEqual(len(self.acceptors[0].states), 0)
        self.assertGreaterEqual(len(self.chosen()), 20)

    def test_without_a_quorum_it_says_who_does_not_answer(self):
        for acceptor in self.acceptors[:2]:
            acceptor.server.stop(None).wait()
        result = subprocess.run([PROGRAM, "run", f"--peers={self.peers}"], capture_output=True, text=True,
                                timeout=LIMIT, check=False)
        self.assertEqual(result.returncode, 1)
        self.assertIn(f"127.0.0.1:{self.acceptors[0].port}, 127.0.0.1:{self.acceptors[1].port}", result.stderr)
        self.assertEqual(len(result.stderr.splitlines()), 1, result.stderr)


class KeyValue(Cluster):
    """`paxoscope kv` as separate commands, whose acceptors outlive them."""

    def kv(self, *words, stdin=None, code=0):
        peers = ",".join(server.address for server in self.servers)
        result = subprocess.run([PROGRAM, "kv", f"--peers={peers}", *words], capture_output=True, text=True, input=stdin,
                                timeout=LIMIT, check=False)
        self.assertEqual(result.returncode, code, (words, result.stderr))
        return result.stdout if code == 0 else result.stderr

    def test_what_one_command_sets_the_next_one_gets(self):
        self.assertEqual(self.kv("set", "greeting", "hello, world"), "version 0\n")
        self.assertEqual(self.kv("set", "greeting", "good bye"), "version 1\n")
        self.assertEqual(self.kv("get", "greeting"), "good bye\n")
        self.assertEqual(self.kv("get", "greeting", "0"), "hello, world\n")
        self.kv("set", "other", "")
        self.assertEqual(self.kv("list"), "greeting\nother\n")
        self.assertIn("no such version", self.kv("get", "nothing", code=1))
        self.assertEqual(self.kv(stdin="set a b c  d\nget a\nlist\n"), "version 0\nb c  d\na\ngreeting\nother\n")

    def test_the_cells_are_those_of_any_other_client(self):
        self.assertEqual(self.phase1([0, 1, 2], "foo", 0, (1, 7)), (None, None))
        self.assertIsNone(self.phase2([0, 1, 2], "foo", 0, (1, 7), 5))
        self.assertEqual(self.kv("propose", "foo", "0", "6", code=1), "paxoscope: propose: another value was decided "
                         "there\n")
        self.assertEqual(self.kv("propose", "foo", "1", "6"), "6\n")
        vote, beaten = self.phase1([0, 1, 2], "foo", 1, (2**40 - 1, 7))
        self.assertEqual((vote, beaten), (6, None))

    def test_commands_at_once_never_take_each_other_for_themselves(self):
        peers = ",".join(server.address for server in self.servers)
        running = [subprocess.Popen([PROGRAM, "kv", f"--peers={peers}", "set", "k", str(i)], stdout=subprocess.PIPE,
                                    text=True) for i in range(6)]
        versions = [int(command.communicate(timeout=LIMIT)[0].removeprefix("version ")) for command in running]
        self.assertEqual(sorted(versions), list(range(6)))
        for i, ver in enumerate(versions):
            self.assertEqual(self.kv("get", "k", str(ver)), f"{i}\n")

    def test_one_acceptor_may_be_down_and_come_back(self):
        self.kv("set", "k", "before")
        self.servers[1].kill()
        self.assertEqual(self.kv("set", "k", "meanwhile"), "version 1\n")
        port = int(self.servers[1].address.split(":")[1])
        self.servers[1] = Server(1, f"{self.folder.name}/1", port=port)
        self.servers[0].kill()
        self.assertEqual(self.kv("get", "k"), "meanwhile\n")
        self.servers[0] = Server(0, f"{self.folder.name}/0", port=int(self.servers[0].address.split(":")[1]))


class Refuses(unittest.TestCase):
    """Bad options: exit code 2 and one line."""

    def refused(self, *arguments, naming, code=2):
        result = subprocess.run([PROGRAM, *arguments], capture_output=True, text=True, timeout=LIMIT, check=False)
        self.assertEqual(result.returncode, code, (arguments, result.stderr))
        self.assertEqual(len(result.stderr.strip().splitlines()), 1, (arguments, result.stderr))
        self.assertIn(naming, result.stderr, arguments)
        self.assertEqual(result.stdout, "", arguments)

    def test_serve(self):
        with tempfile.TemporaryDirectory() as folder:
            data = f"--data={folder}/0"
            for value in ("-1", "128", "x", "", "9223372036854775808", "1,2"):
                self.refused("serve", data, f"--acceptor={value}", naming="--acceptor")
            for value in ("0.0.0.0:3333", "0.0.0.0", "[::]:3333", "192.168.1.1:1", "example.org:80"):
                self.refused("serve", "--acceptor=0", data, f"--listen={value}", naming="--allow-remote")
            for value in ("127.0.0.1:65536", "127.0.0.1:-1", "127.0.0.1:", ":1", "a b:1", "[::1:1", ""):
                self.refused("serve", "--acceptor=0", data, f"--listen={value}", naming="--listen")
            for option in ("--memory-max", "--compact-at"):
                for value in ("0", "-1", "nan", "99999999"):
                    self.refused("serve", "--acceptor=0", data, f"{option}={value}", naming=option)
            self.refused("serve", "--acceptor=0", "--data=", naming="--data")
            self.refused("serve", "--acceptor=0", "--data=/proc/nowhere/0", naming="--data")
            self.refused("serve", "--acceptor=0", naming="--data")
            self.assertEqual(os.listdir(folder), [])

    def test_a_port_or_a_directory_that_is_in_use(self):
        with tempfile.TemporaryDirectory() as folder:
            server = Server(0, f"{folder}/0")
            self.refused("serve", "--acceptor=0", f"--data={folder}/0", naming="in use")
            self.refused("serve", "--acceptor=1", f"--data={folder}/1", f"--listen={server.address}", naming="in use",
                         code=1)
            server.stop()

    def test_a_damaged_log(self):
        with tempfile.TemporaryDirectory() as folder:
            server = Server(0, f"{folder}/0")
            for n in range(1, 4):
                server.accept(proposer("k", 0, (n, 1), n))
            server.stop()
            log = pathlib.Path(folder, "0", "acceptor.log")
            data = bytearray(log.read_bytes())
            data[40] ^= 1
            log.write_bytes(data)
            self.refused("serve", "--acceptor=0", f"--data={folder}/0", naming="offset 28")

    def test_ctrl_c_ends_the_wait_for_peers_that_do_not_answer(self):
        words = ["timeout", "--signal=INT", "--preserve-status", "1", PROGRAM, "run", "--peers=127.0.0.1:1"]
        result = subprocess.run(words, capture_output=True, timeout=3, check=False)  # left to itself it waits longer
        self.assertEqual(result.returncode, 130)

    def test_peers(self):
        for value in ("x", "127.0.0.1", "127.0.0.1:0", "127.0.0.1:1,", "127.0.0.1:1,127.0.0.1:1", ",", "127.0.0.1:99999"):
            self.refused("run", f"--peers={value}", naming="peers")
        self.refused("run", "--engine=wire", naming="peers")
        self.refused("run", "--peers=127.0.0.1:1,127.0.0.1:2", "--acceptors=5", naming="acceptors")
        self.refused("run", "--peers=127.0.0.1:1", "--engine=simulation", naming="simulation")


if __name__ == "__main__":
    PROGRAM = sys.argv[1]
    with tempfile.TemporaryDirectory() as generated:
        pb, pb_grpc = load_messages(*sys.argv[2:5], generated)
        unittest.main(argv=[sys.argv[0], *sys.argv[5:]])
