-- VPC peering connections: VPC peering connections that were requested or accepted, with the peer account.
-- tags: lateral movement, vpc peering
SELECT eventtime, useridentity.arn AS by_whom, eventname, element_at(requestparameters, 'vpcId') AS network, element_at(requestparameters, 'peerOwnerId') AS other_account
FROM main
WHERE eventsource = 'ec2.amazonaws.com' AND eventname IN ('CreateVpcPeeringConnection', 'AcceptVpcPeeringConnection')
ORDER BY eventtime DESC
