"""superserver - the tests' inetd: one process a connection, and an account.

It is a process of its own so that it can be the reaper of everything that a
connection leaves behind.  Line 1 of its input is the job (JSON), each later
line a question; each answer is one line.  It must never write to a
connection itself.
"""
import ctypes
import json
import os
import select
import signal
import socket
import sys
import time

PR_SET_PDEATHSIG = 1
PR_SET_CHILD_SUBREAPER = 36


def prctl(option, value):
    ctypes.CDLL(None, use_errno=True).prctl(option, value, 0, 0, 0)


class SuperServer:
    def __init__(self, job):
        self.job = job
        self.conns = []
        self.pipes = {}
        self.orphans = []
        family = socket.AF_INET6 if ":" in job["address"] else socket.AF_INET
        self.listener = socket.socket(family, socket.SOCK_STREAM)
        self.listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        self.listener.bind((job["address"], 0))
        self.listener.listen(256)
        self.listener.setblocking(False)

    def spawn(self, sock):
        """exec the server with the connection as fd 0 and 1"""
        number = len(self.conns)
        log = os.path.join(self.job["dir"], "log.%d" % number)
        # a pipe: a process whose file size limit is 0 may still complain
        pipe, logfd = os.pipe2(os.O_CLOEXEC)
        os.set_blocking(pipe, False)
        self.pipes[pipe] = open(log, "ab", 0)
        pid = os.fork()
        if pid == 0:
            try:
                self.child(sock, logfd)
            finally:
                os._exit(126)
        os.close(logfd)
        sock.close()
        self.conns.append({"pid": pid, "log": log, "status": None})

    def child(self, sock, logfd):
        job = self.job
        env = dict(job["env"])
        fd = sock.fileno()
        if job["layout"] == "listen_fds":
            null = os.open("/dev/null", os.O_RDWR)
            os.dup2(null, 0)
            os.dup2(null, 1)
            os.dup2(fd, 3)
            env.update(LISTEN_FDS="1", LISTEN_PID=str(os.getpid()),
                       LISTEN_FDNAMES="connection")
            os.set_inheritable(3, True)
        else:
            os.dup2(fd, 0)
            os.dup2(fd, 1)
        if job["layout"] == "inetd":
            os.dup2(fd, 2)
        else:
            os.dup2(logfd, 2)
        for name in job["ignore"]:
            signal.signal(getattr(signal, name), signal.SIG_IGN)
        # Python ignores these two
        for name in ("SIGPIPE", "SIGXFSZ"):
            if name not in job["ignore"]:
                signal.signal(getattr(signal, name), signal.SIG_DFL)
        signal.pthread_sigmask(signal.SIG_SETMASK,
                               [getattr(signal, n) for n in job["block"]])
        os.umask(job["umask"])
        os.execve(job["argv"][0], job["argv"], env)

    def pump(self):
        """move what was logged from the pipes to the files"""
        for pipe, out in list(self.pipes.items()):
            while True:
                try:
                    data = os.read(pipe, 65536)
                except BlockingIOError:
                    break
                if not data:
                    os.close(pipe)
                    out.close()
                    del self.pipes[pipe]
                    break
                out.write(data)

    def reap(self):
        while True:
            try:
                pid, status = os.waitpid(-1, os.WNOHANG)
            except ChildProcessError:
                return
            if pid == 0:
                return
            for conn in self.conns:
                if conn["pid"] == pid:
                    conn["status"] = status
                    break
            else:
                self.orphans.append([pid, status])

    def descendants(self):
        """every living process below this one: pid, state, uid, command"""
        parent, info = {}, {}
        for name in os.listdir("/proc"):
            if not name.isdigit():
                continue
            try:
                with open("/proc/%s/stat" % name) as f:
                    text = f.read()
                with open("/proc/%s/cmdline" % name) as f:
                    cmd = f.read().replace("\0", " ").strip()
                # not stat(2): what is not dumpable belongs to root there
                with open("/proc/%s/status" % name) as f:
                    uid = int(f.read().split("Uid:")[1].split()[1])
            except (OSError, IndexError):
                continue
            comm = text[text.index("(") + 1:text.rindex(")")]
            state, ppid = text[text.rindex(")") + 2:].split()[:2]
            parent[int(name)] = int(ppid)
            info[int(name)] = [int(name), state, uid, comm, cmd]
        mine, found = {os.getpid()}, []
        grew = True
        while grew:
            grew = False
            for pid, ppid in parent.items():
                if ppid in mine and pid not in mine:
                    mine.add(pid)
                    found.append(info[pid])
                    grew = True
        return found

    def report(self):
        self.reap()
        alive = self.descendants()
        self.pump()
        return {"conns": self.conns, "orphans": self.orphans,
                "alive": alive}

    def finish(self, seconds):
        """wait for all that a connection started; kill what outlives that"""
        deadline = time.monotonic() + seconds
        self.listener.close()
        while True:
            answer = self.report()
            if not answer["alive"] or time.monotonic() > deadline:
                break
            time.sleep(0.01)
        for pid, *_ in answer["alive"]:
            try:
                os.kill(pid, signal.SIGKILL)
            except OSError:
                pass
        return answer

    def answer(self, line):
        question = json.loads(line)
        if question["ask"] == "finish":
            return self.finish(question["seconds"])
        if question["ask"] == "pump":
            self.pump()
            return {}
        return self.report()

    def loop(self):
        print(json.dumps({"port": self.listener.getsockname()[1]}),
              flush=True)
        wake_r, wake_w = os.pipe2(os.O_NONBLOCK | os.O_CLOEXEC)
        signal.set_wakeup_fd(wake_w, warn_on_full_buffer=False)
        signal.signal(signal.SIGCHLD, lambda *_: None)
        while True:
            ready, _, _ = select.select([0, self.listener, wake_r,
                                         *self.pipes], [], [])
            self.pump()
            if wake_r in ready:
                os.read(wake_r, 4096)
                self.reap()
            if self.listener in ready:
                try:
                    sock, _ = self.listener.accept()
                except OSError:
                    continue
                self.spawn(sock)
            if 0 in ready:
                line = sys.stdin.readline()
                if not line:
                    self.finish(0)
                    return
                answer = self.answer(line)
                print(json.dumps(answer), flush=True)
                if '"finish"' in line:
                    return


def main():
    prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
    prctl(PR_SET_CHILD_SUBREAPER, 1)
    SuperServer(json.loads(sys.stdin.readline())).loop()


if __name__ == "__main__":
    main()
