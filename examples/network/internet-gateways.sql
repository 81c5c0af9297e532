-- Internet gateways: Internet gateways that were created or attached to a VPC.
-- tags: attack surface, internet gateway
SELECT eventtime, useridentity.arn AS by_whom, eventname, element_at(requestparameters, 'vpcId') AS network, element_at(requestparameters, 'internetGatewayId') AS gateway
FROM main
WHERE eventsource = 'ec2.amazonaws.com' AND eventname IN ('AttachInternetGateway', 'CreateInternetGateway', 'CreateEgressOnlyInternetGateway')
ORDER BY eventtime DESC
