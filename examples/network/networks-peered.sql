-- Networks that were connected with those of other accounts.
SELECT eventtime, useridentity.arn AS by_whom, eventname, element_at(requestparameters, 'vpcId') AS network, element_at(requestparameters, 'peerOwnerId') AS other_account
FROM main
WHERE eventsource = 'ec2.amazonaws.com' AND eventname IN ('CreateVpcPeeringConnection', 'AcceptVpcPeeringConnection')
ORDER BY eventtime DESC
