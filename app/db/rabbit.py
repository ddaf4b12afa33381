"""RabbitMQ as the carrier of job ids, through dramatiq: an idle worker hears of a job within milliseconds.

Messages leave after the commit, from a thread of their own: a broker that is down or slow keeps nobody waiting, what it does not
take is dropped, and the workers' look into the table finds it. A worker takes one message at a time and acknowledges it when
the job has ended; a message that comes twice finds its job taken. Loaded only where JOB_TRANSPORT asks for it.
"""

from __future__ import annotations

import logging
import os
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from queue import Empty, Full, Queue

import structlog
from dramatiq import Actor, Message, Worker
from dramatiq.brokers.rabbitmq import RabbitmqBroker
from dramatiq.errors import BrokerConnectionError, BrokerError

from app.db.carrier import Take

QUEUE, TASK = "infrashare.jobs", "take"
LOOK_S = 2.0
WAITING = 10_000  # ids on their way to the broker; more are left to the table
PAUSE_S = 1.0  # after the broker did not answer
STOP_LIMIT_MS = 600_000  # a job that has begun is finished
log = structlog.get_logger()


class Rabbit:
    """`url`: amqp://USER:PASSWORD@HOST:PORT/VHOST."""

    look_s = LOOK_S

    def __init__(self, url: str) -> None:
        self._url = url
        self._waiting: Queue[int] = Queue(WAITING)
        self._starting = threading.Lock()
        self._sender: tuple[int, threading.Thread] | None = None
        logging.getLogger("pika").setLevel(logging.CRITICAL)  # each refused connection is a trace there; here it is one line

    def _broker(self) -> RabbitmqBroker:
        """No middleware: tries, time limits and results are the job table's business."""
        return RabbitmqBroker(url=self._url, confirm_delivery=True, middleware=[])

    def announce(self, ids: Sequence[int]) -> None:
        self._start()
        for id_ in ids:
            try:
                self._waiting.put_nowait(id_)
            except Full:
                return  # the broker has been away for long: workers look into the table

    def _start(self) -> None:
        """The sender of this process; a forked process starts its own."""
        with self._starting:
            if self._sender is None or self._sender[0] != os.getpid() or not self._sender[1].is_alive():
                self._waiting = Queue(WAITING)
                thread = threading.Thread(target=self._send, args=(self._waiting,), daemon=True, name="job announcer")
                self._sender = (os.getpid(), thread)
                thread.start()

    def _send(self, waiting: Queue[int]) -> None:
        broker, answers = self._broker(), True
        while True:
            id_ = waiting.get()
            try:
                broker.enqueue(Message(queue_name=QUEUE, actor_name=TASK, args=(id_,), kwargs={}, options={}))
            except (BrokerError, OSError) as error:
                if answers:
                    log.warning("jobs.broker_away", error=repr(error), meanwhile="workers look into the table")
                answers = False
                _drop(waiting)
                threading.Event().wait(PAUSE_S)
            else:
                if not answers:
                    log.warning("jobs.broker_back")
                answers = True

    @contextmanager
    def heard(self, take: Take) -> Iterator[None]:
        broker = self._broker()
        Actor(lambda id_: take(id_), broker=broker, actor_name=TASK, queue_name=QUEUE, priority=0, options={})
        worker = Worker(broker, worker_threads=1)
        worker.queue_prefetch = 1  # a busy worker keeps no message from an idle one
        worker.start()
        try:
            yield
        finally:
            try:
                worker.stop(STOP_LIMIT_MS)
                broker.close()
            except BrokerConnectionError:
                log.warning("jobs.broker_away", meanwhile="stopped without telling it")


def _drop(waiting: Queue[int]) -> None:
    """What waits for a broker that is away is found in the table before it would come back."""
    while True:
        try:
            waiting.get_nowait()
        except Empty:
            return
