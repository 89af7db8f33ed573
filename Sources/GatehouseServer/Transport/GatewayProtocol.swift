/// The protocols that this version serves.
package enum GatewayProtocol: Sendable {
    case fastCGI
    case scgi
}
