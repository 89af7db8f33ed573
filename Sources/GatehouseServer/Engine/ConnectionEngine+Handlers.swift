import GatehouseWire
import HTTPTypes
import HummingbirdCore
import Logging
import NIOCore

/// Requests to running handlers.
extension ConnectionEngine {
    func start(_ request: LiveRequest) {
        request.hasStarted = true
        do {
            let variables = CGIVariables(request.parameters)
            let cgi = try CGIRequest.read(request.parameters, variables, targetLimit: limits.targetLength)
            try checkBody(of: request, cgi)
            if let seconds = quarantine(of: request, variables, cgi) {
                return fail(request, .quarantined(seconds: seconds))
            }
            if hasCrashedWorker(request, variables, cgi) { return fail(request, .hasCrashedWorker) }
            guard let (mount, target) = mounts.resolve(cgi.target) else { return fail(request, .noMount) }
            let head = try HTTPRequestBuilder.make(
                cgi, target: target, parameters: request.parameters, names: &loop.headerNames)
            request.discardsBody = cgi.method == "HEAD"
            request.handler = mount.handler
            let number = loop.nextRequestNumber()
            if !isInternal, let recorder = loop.recorder {
                request.slot = recorder.take(for: request, variables, number: number, target: cgi.target)
            }
            launch(
                request, number: number, mountPath: mount.path, Request(head: head, body: body(of: request)))
        } catch {
            fail(request, Failure(error))
        }
    }

    /// The announced length against the limit, and against what came where all has come.
    private func checkBody(of request: LiveRequest, _ cgi: CGIRequest) throws {
        guard let announced = cgi.contentLength else { return }
        if announced > limits.bodyBytes { throw BodyError(.tooLarge) }
        // Where the client sent chunks, a front server that streams can only guess the length (HAProxy announces what
        // it happens to have): the stream's end decides.
        if request.role != .responder && request.role != .filter { return }
        if request.parameters["HTTP_TRANSFER_ENCODING"] != nil { return }
        request.announcedLength = announced
        if request.bodyCount > announced { throw BodyError(.longerThanAnnounced) }
        if request.bodyEnded, request.bodyCount < announced { throw BodyError(.shorterThanAnnounced) }
    }

    private func body(of request: LiveRequest) -> RequestBody {
        let collected = request.collected
        request.collected = ByteBuffer()
        if request.bodyEnded { return RequestBody(buffer: collected) }
        let stream = makeStream(for: request)
        request.body = stream
        if collected.readableBytes > 0, stream.push(collected) {
            keep(collected.readableBytes, for: request, now: request.lastBodyActivity)
        }
        return RequestBody(asyncSequence: stream)
    }

    private func launch(
        _ request: LiveRequest, number: UInt64, mountPath: String, _ httpRequest: consuming Request
    ) {
        request.gateway = GatewayRequest(
            number: number, head: request.head, mountPath: mountPath, filterData: request.data)
        loop.tasksInFlight += 1
        let task = loop.takeTask()
        request.task = task
        task.run(HandlerCall(engine: self, httpRequest: httpRequest, request: RequestReference(value: request)))
    }

    /// Calls the handler, sends its response, and then does what the handler left for afterwards.
    @inline(__always)
    func serve(_ call: HandlerCall) async {
        guard let handler = call.request.value.handler, let gateway = call.request.value.gateway else { return }
        var failure: (any Error)?
        do {
            if handler.execution == .eventLoop {
                try await respond(to: call, handler, gateway)
            } else {
                try await respondElsewhere(to: call, handler, gateway)
            }
        } catch {
            failure = error
        }
        if loop.poll.isCurrent {
            handlerEnded(call.request.value, failure)
        } else {
            await onLoop { [self, failure] in handlerEnded(call.request.value, failure) }
        }
        for work in gateway.takeRemainingWork() { await work() }
        if loop.poll.isCurrent {
            loop.handlerLeft(call.request.value, isInternal: isInternal)
        } else {
            await onLoop { [self] in loop.handlerLeft(call.request.value, isInternal: isInternal) }
        }
    }

    /// Of a module whose handlers do not run on loops. By itself, so that those that do need no room for it.
    private func respondElsewhere(
        to call: HandlerCall, _ handler: any MountedHandler, _ gateway: GatewayRequest
    ) async throws {
        let executor: any TaskExecutor =
            handler.execution == .concurrent
            ? globalConcurrentExecutor : loop.blockingExecutor.working(for: call.request.value.slot)
        try await withTaskExecutorPreference(executor) { try await respond(to: call, handler, gateway) }
    }

    @inline(__always)
    private func respond(
        to call: HandlerCall, _ handler: any MountedHandler, _ gateway: GatewayRequest
    ) async throws {
        let response = try await handler.respond(to: call.httpRequest, gateway: gateway)
        let sendsBody =
            loop.poll.isCurrent
            ? try beginResponse(response, of: call.request.value)
            : try await onLoop { [self] in try beginResponse(response, of: call.request.value) }
        guard sendsBody else { return }
        try await response.body.write(GatewayBodyWriter(engine: self, request: call.request))
    }

    /// The handler has returned or thrown. On the loop.
    private func handlerEnded(_ request: LiveRequest, _ failure: (any Error)?) {
        request.isDone = true
        request.task = nil
        if request.isOrphaned { orphanedHandlers -= 1 }
        switch (request.response, failure) {
        case (.abandoned, _):
            // A peer that aborted it still waits for the end.
            if !request.isBrokenOff, requests.contains(where: { $0 === request }) { end(request) }
        case (.ended, nil): break
        case (.ended, let error?): if !request.isCutToLength { log(request, Failure(error)) }
        case (.begun, nil):
            do { try endResponse(of: request) } catch { breakOff(request, Failure(error)) }
        case (.begun, let error?): breakOff(request, Failure(error))
        case (.awaited, let error?): fail(request, Failure(error))
        case (.awaited, nil): fail(request, .noAnswer)
        }
    }

    /// Runs `work` on the loop, from anywhere.
    func onLoop<Result: Sendable>(_ work: @escaping @Sendable () throws -> Result) async throws -> Result {
        try await withCheckedThrowingContinuation { continuation in
            loop.poll.execute { [self] in
                continuation.resume(with: Swift.Result { try work() })
                flushOutput()
            }
        }
    }

    /// Runs `work` on the loop, from anywhere.
    func onLoop(_ work: @escaping @Sendable () -> Void) async {
        await withCheckedContinuation { continuation in
            loop.poll.execute { [self] in
                work()
                flushOutput()
                continuation.resume()
            }
        }
    }
}
