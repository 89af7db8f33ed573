import GatehouseWire
import HTTPTypes
import HummingbirdCore
import Logging
import NIOCore

/// Requests to running handlers.
extension ConnectionEngine {
    /// Calls the handler: when the whole body has come, when more of it has come than is collected, or when the peer
    /// has sent all it can for now.
    /// - Parameter collected: the part of the body that has arrived.
    func start(_ request: LiveRequest, with collected: ByteBuffer) {
        do {
            let variables = CGIVariables(request.parameters)
            let cgi = try CGIRequest.read(
                request.parameters, variables, targetLimit: limits.targetLength, knownHost: &loop.knownHost)
            try checkBody(of: request, cgi)
            if let seconds = quarantine(of: request, variables, cgi) {
                return fail(request, .quarantined(seconds: seconds))
            }
            if hasCrashedWorker(request, variables, cgi) { return fail(request, .hasCrashedWorker) }
            guard let (mount, target) = mounts.resolve(cgi.target) else { return fail(request, .noMount) }
            let head = try HTTPRequestBuilder.make(
                cgi, target: target, parameters: request.parameters, names: &loop.headerNames)
            request.isHead = cgi.method == "HEAD"
            isFromNginx = cgi.isFromNginx
            request.handler = mount.handler
            let number = loop.nextRequestNumber()
            if !isInternal, let recorder = loop.recorder {
                request.slot = recorder.take(for: request, variables, number: number, target: cgi.target)
            }
            launch(
                request, number: number, mountPath: mount.path,
                // Built in place, which avoids a copy.
                Request(head: head, body: body(of: request, collected)))
        } catch {
            fail(request, Failure(error))
        }
    }

    /// Compares the announced length with the limit and, if the whole body has arrived, with its true length.
    private func checkBody(of request: LiveRequest, _ cgi: CGIRequest) throws {
        guard let announced = cgi.contentLength else { return }
        if announced > limits.bodyBytes { throw BodyError(.tooLarge) }
        if request.role != .responder && request.role != .filter { return }
        // If the client sent chunks, a front server that streams can only guess the length (HAProxy announces what it
        // happens to have): the stream's end decides.
        if request.parameters["HTTP_TRANSFER_ENCODING"] != nil { return }
        request.announcedLength = announced
        if request.bodyCount > announced { throw BodyError(.longerThanAnnounced) }
        if !request.body.isArriving, request.bodyCount < announced { throw BodyError(.shorterThanAnnounced) }
    }

    /// The seconds until the end of the quarantine of the request's route; `nil`, at no cost, if nothing is
    /// quarantined.
    private func quarantine(of request: LiveRequest, _ variables: CGIVariables, _ cgi: CGIRequest) -> Int? {
        guard !loop.quarantine.isEmpty, !isInternal else { return nil }
        return loop.quarantine.seconds(request.parameters, variables, target: cgi.target, now: loop.now())
    }

    /// Whether the request must be refused because it has crashed a worker, perhaps another one of the pool.
    @inline(__always)
    private func hasCrashedWorker(_ request: LiveRequest, _ variables: CGIVariables, _ cgi: CGIRequest) -> Bool {
        guard let culprits = loop.culprits, culprits.holdsAny(at: request.began), !isInternal else { return false }
        return culprits.holds(request.parameters, variables, target: cgi.target, at: request.began)
    }

    private func body(of request: LiveRequest, _ collected: ByteBuffer) -> RequestBody {
        guard request.body.isArriving else { return RequestBody(buffer: collected) }
        let stream = makeStream(for: request)
        request.streamBody(by: stream)
        if collected.readableBytes > 0, stream.push(collected) {
            keep(collected.readableBytes, for: request, now: request.lastBodyActivity)
        }
        return RequestBody(asyncSequence: stream)
    }

    private func launch(
        _ request: LiveRequest, number: UInt64, mountPath: String, _ httpRequest: consuming Request
    ) {
        request.gateway = GatewayRequest(
            number: number, head: request.head, mountPath: mountPath, filterData: request.takeFile(),
            life: loop.life)
        loop.tasksInFlight += 1
        let task = loop.takeTask()
        request.task = task
        request.move(to: .running)
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

    /// Runs handlers off the loop. A function of its own, so that handlers on the loop need no room for it.
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

    /// The handler has returned or thrown.
    private func handlerEnded(_ request: LiveRequest, _ failure: (any Error)?) {
        request.task = nil
        switch request.phase {
        case .running: fail(request, failure.map { Failure($0) } ?? .noAnswer)
        case .answering:
            if let failure { return breakOff(request, Failure(failure)) }
            do { try endResponse(of: request) } catch { breakOff(request, Failure(error)) }
        case .answered(let isCut): if let failure, !isCut { log(request, Failure(failure)) }
        // The peer that aborted it still waits for the end.
        case .aborted, .brokenOff(isGivenUp: true): end(request, as: .over)
        case .brokenOff(isGivenUp: false): break
        case .orphaned:
            orphanedHandlers -= 1
            request.move(to: .over)
        case .collecting, .over: assertionFailure("a handler ended that did not run")
        }
    }

    /// Runs `work` on the loop, from anywhere.
    func onLoop<Result: Sendable>(_ work: @escaping @Sendable () throws -> Result) async throws -> Result {
        try await withCheckedThrowingContinuation { continuation in
            loop.poll.execute { [self] in
                continuation.resume(with: Swift.Result { try work() })
                loop.flushDirty()
            }
        }
    }

    /// Runs `work` on the loop, from anywhere.
    private func onLoop(_ work: @escaping @Sendable () -> Void) async {
        await withCheckedContinuation { continuation in
            loop.poll.execute { [self] in
                work()
                loop.flushDirty()
                continuation.resume()
            }
        }
    }
}
