-- Unencrypted EBS volumes: EBS volumes that were created without encryption.
-- tags: encryption at rest, compliance
SELECT eventtime, useridentity.arn AS by_whom, eventname, element_at(responseelements, 'volumeId') AS volume, element_at(requestparameters, 'size') AS gibibytes
FROM main
WHERE eventsource = 'ec2.amazonaws.com' AND eventname = 'CreateVolume'
  AND coalesce(element_at(responseelements, 'encrypted'), 'false') = 'false'
ORDER BY eventtime DESC
