// The only name from elsewhere that tests need and `import Gatehouse` does not give: the parameter of ModuleTester.run.
@_exported public import enum GatehousePlan.GatewayProtocol
