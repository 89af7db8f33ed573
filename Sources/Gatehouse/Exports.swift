// What a module author gets with `import Gatehouse`.
@_exported public import HTTPTypes
@_exported public import Hummingbird
@_exported public import Logging
@_exported public import NIOCore
@_exported public import ServiceLifecycle
@_exported public import GatehouseServer
