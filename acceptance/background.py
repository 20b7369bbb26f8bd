"""Load in the background: threads that run until the block that started them ends."""
import threading


class Background:
    """Subclasses look at `over` and return when it is set."""

    def __init__(self, works):
        self.over = threading.Event()
        self._threads = [threading.Thread(target=work, args=words) for work, *words in works]

    def __enter__(self):
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_):
        self.over.set()
        for thread in self._threads:
            thread.join()
