"""Reads forms by Werkzeug and by python-multipart. A line of standard input is a form in JSON, and so is an answer."""

import json
import sys

import python_multipart
from python_multipart.exceptions import FormParserError
from python_multipart.multipart import parse_options_header as options_of
from werkzeug.exceptions import HTTPException
from werkzeug.sansio import multipart as sansio


def werkzeug(boundary, body):
    decoder = sansio.MultipartDecoder(boundary, max_parts=1000)
    decoder.receive_data(body)
    decoder.receive_data(None)
    parts = []
    while True:
        event = decoder.next_event()
        if isinstance(event, sansio.Epilogue):
            return parts
        if isinstance(event, sansio.Field):
            parts.append([event.name, None, b""])
        elif isinstance(event, sansio.File):
            parts.append([event.name, event.filename, b""])
        elif isinstance(event, sansio.Data):
            parts[-1][2] += event.data
        elif not isinstance(event, sansio.Preamble):
            raise ValueError(f"unexpected {event}")


def multipart(boundary, body):
    parts, header, headers = [], [b"", b""], {}
    is_complete = []

    def end_of_headers():
        _, options = options_of(headers[b"content-disposition"])
        file = options.get(b"filename")
        parts.append([options[b"name"].decode(), None if file is None else file.decode(), b""])

    def end_of_header():
        headers[header[0].lower()] = header[1]
        header[:] = [b"", b""]

    def add(place):
        def callback(data, start, end):
            header[place] += data[start:end]
        return callback

    def add_data(data, start, end):
        parts[-1][2] += data[start:end]

    parser = python_multipart.MultipartParser(boundary, {
        "on_part_begin": headers.clear, "on_header_field": add(0), "on_header_value": add(1),
        "on_header_end": end_of_header, "on_headers_finished": end_of_headers, "on_part_data": add_data,
        "on_end": lambda: is_complete.append(True)})
    parser.write(body)
    parser.finalize()
    if not is_complete:
        raise ValueError("no end")
    return parts


def answer(read, boundary, body):
    try:
        return [[name, file, data.hex()] for name, file, data in read(boundary, body)]
    except (FormParserError, HTTPException, ValueError, KeyError, AttributeError) as error:
        return f"{type(error).__name__}: {error}"


for line in sys.stdin:
    form = json.loads(line)
    sent = bytes.fromhex(form["body"])
    print(json.dumps({name: answer(read, form["boundary"].encode(), sent)
                      for name, read in (("werkzeug", werkzeug), ("multipart", multipart))}), flush=True)
