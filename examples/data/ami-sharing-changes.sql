-- AMI sharing changes: AMIs whose attributes were changed, with the accounts that may now launch them.
-- tags: T1537, exfiltration, ami sharing
SELECT eventtime, useridentity.arn AS by_whom, eventname, element_at(requestparameters, 'imageId') AS image, element_at(requestparameters, 'launchPermission') AS permission
FROM main
WHERE eventsource = 'ec2.amazonaws.com' AND eventname = 'ModifyImageAttribute'
ORDER BY eventtime DESC
