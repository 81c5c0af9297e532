-- Network resources billed by the hour: NAT gateways, transit gateways and VPC endpoints that were created.
-- tags: network cost, nat gateway
SELECT eventtime, useridentity.arn AS by_whom, eventname, awsregion, coalesce(json_extract_scalar(element_at(requestparameters, 'CreateNatGatewayRequest'), '$.SubnetId'), element_at(requestparameters, 'vpcId')) AS subnet_or_network
FROM main
WHERE eventsource = 'ec2.amazonaws.com' AND eventname IN ('CreateNatGateway', 'CreateTransitGateway', 'CreateVpcEndpoint')
ORDER BY eventtime DESC
