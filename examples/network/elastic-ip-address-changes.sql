-- Elastic IP address changes: Elastic IP addresses that were allocated, associated or released.
-- tags: elastic ip, network inventory
SELECT eventtime, useridentity.arn AS by_whom, eventname, coalesce(element_at(responseelements, 'publicIp'), element_at(requestparameters, 'publicIp')) AS fixed_address
FROM main
WHERE eventsource = 'ec2.amazonaws.com' AND eventname IN ('AllocateAddress', 'AssociateAddress', 'ReleaseAddress')
ORDER BY eventtime DESC
