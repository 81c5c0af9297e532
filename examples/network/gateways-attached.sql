-- Networks that got a way to the Internet.
SELECT eventtime, useridentity.arn AS by_whom, eventname, element_at(requestparameters, 'vpcId') AS network, element_at(requestparameters, 'internetGatewayId') AS gateway
FROM main
WHERE eventsource = 'ec2.amazonaws.com' AND eventname IN ('AttachInternetGateway', 'CreateInternetGateway', 'CreateEgressOnlyInternetGateway')
ORDER BY eventtime DESC
