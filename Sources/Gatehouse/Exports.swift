// The names that a module author gets with `import Gatehouse`: every type in the API of this module, and no other name
// of ours. Names of ours that Hummingbird has, too (`RequestID`), would be ambiguous in every module, so single types
// are exported and not the targets that they live in.
@_exported public import HTTPTypes
@_exported public import Hummingbird
@_exported public import Logging
@_exported public import NIOCore
@_exported public import ServiceLifecycle
@_exported public import enum GatehouseServer.BlockingThreads
@_exported public import struct GatehouseServer.BodyError
@_exported public import class GatehouseServer.DescriptorWatch
@_exported public import class GatehouseServer.GatewayRequest
@_exported public import enum GatehouseServer.HandlerExecution
@_exported public import struct GatehouseServer.HandlerLoop
@_exported public import class GatehouseServer.LoopTimer
@_exported public import struct GatehouseServer.Readiness
@_exported public import enum GatehouseServer.ResponseMisuse
@_exported public import struct GatehouseServer.WatchError
@_exported public import struct GatehouseWire.GatewayVariables
@_exported public import enum GatehouseWire.RequestRole
