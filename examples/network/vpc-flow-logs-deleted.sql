-- VPC flow logs deleted: VPC flow logs that were deleted.
-- tags: T1562.008, defense evasion, flow logs
SELECT eventtime, useridentity.arn AS by_whom, eventname, json_extract_scalar(element_at(requestparameters, 'DeleteFlowLogsRequest'), '$.FlowLogId.content') AS flow_records
FROM main
WHERE eventsource = 'ec2.amazonaws.com' AND eventname = 'DeleteFlowLogs'
ORDER BY eventtime DESC
