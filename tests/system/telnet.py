"""A telnet client without 3270, which refuses all options."""
import re
import socket

PATIENCE = 60


class Telnet:
    """What comes is text, without the commands of telnet."""

    def __init__(self, port, buffer=None):
        self.s = socket.socket()
        if buffer:  # of the host, for what it has not read
            self.s.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, buffer)
        self.s.settimeout(PATIENCE)
        self.s.connect(('127.0.0.1', port))
        self.text = ''
        self.raw = b''

    def send(self, data):
        self.s.sendall(data)

    def wait(self, text):
        """Until that text is there; what stands behind it stays. False: in vain."""
        while text not in self.text:
            try:
                more = self.s.recv(4096)
            except socket.timeout:
                return False
            if not more:
                return False
            self.take(more)
        self.text = self.text[self.text.index(text) + len(text):]
        return True

    def take(self, more):
        raw = re.sub(rb'\xff[\xfb-\xfe].', self.refuse, self.raw + more, flags=re.S)
        raw = re.sub(rb'\xff\xfa.*?\xff\xf0', b'', raw, flags=re.S)
        if b'\xff' in raw:  # a command has not come whole
            self.raw = raw
        else:
            self.text += raw.decode()
            self.raw = b''

    def refuse(self, found):
        verb, option = found.group()[1:]
        if verb == 0xFD:
            self.send(bytes((0xFF, 0xFC, option)))
        elif verb == 0xFB:
            self.send(bytes((0xFF, 0xFE, option)))
        return b''

    def ended(self):
        try:
            while self.s.recv(4096):
                pass
        except ConnectionResetError:  # what we sent was not read to its end
            pass
        return True
