package eventhistory

import "strings"

// taggingTable lists the request parameters that name tagged resources. It has the form of parameterTable, but no
// types: the name itself implies the resource's type.
const taggingTable = `
athena resourceARN
backup resourceArn
cloudfront resource
cloudtrail resourceId
cloudtrail resourceIdList
dynamodb resourceArn
ec2 resourcesSet.items.resourceId
ecr resourceArn
ecs resourceArn
eks resourceArn
elasticache resourceName
elasticfilesystem resourceId
elasticloadbalancing resourceArns
events resourceARN
fsx resourceARN
glue resourceArn
guardduty resourceArn
kafka resourceArn
kinesis resourceARN
lambda resource
logs resourceArn
monitoring resourceARN
organizations resourceId
rds resourceName
redshift resourceName
resource-groups arn
route53resolver resourceArn
sagemaker resourceArn
sns resourceArn
ssm resourceId
states resourceArn
tagging resourceARNList
transfer arn
wafv2 resourceARN
workspaces resourceId
`

// idTypes are the types of resources by what their ids begin with, up to the last dash before the hexadecimal part.
var idTypes = map[string]string{
	"acl": "AWS::EC2::NetworkAcl", "ami": "AWS::EC2::Ami", "cgw": "AWS::EC2::CustomerGateway",
	"cr": "AWS::EC2::CapacityReservation", "cvpn-endpoint": "AWS::EC2::ClientVpnEndpoint",
	"dopt": "AWS::EC2::DHCPOptions", "eice": "AWS::EC2::InstanceConnectEndpoint",
	"eigw": "AWS::EC2::EgressOnlyInternetGateway", "eipalloc": "AWS::EC2::EIP", "eni": "AWS::EC2::NetworkInterface",
	"fl": "AWS::EC2::FlowLog", "fleet": "AWS::EC2::EC2Fleet", "fs": "AWS::EFS::FileSystem",
	"fsap": "AWS::EFS::AccessPoint", "fsmt": "AWS::EFS::MountTarget", "i": "AWS::EC2::Instance",
	"igw": "AWS::EC2::InternetGateway", "key": "AWS::EC2::KeyPair", "lt": "AWS::EC2::LaunchTemplate",
	"mi": "AWS::SSM::ManagedInstance", "nat": "AWS::EC2::NatGateway", "pcx": "AWS::EC2::VPCPeeringConnection",
	"pl": "AWS::EC2::PrefixList", "rtb": "AWS::EC2::RouteTable", "sfr": "AWS::EC2::SpotFleet",
	"sg": "AWS::EC2::SecurityGroup", "sgr": "AWS::EC2::SecurityGroupRule", "sir": "AWS::EC2::SpotInstanceRequest",
	"snap": "AWS::EC2::Snapshot", "subnet": "AWS::EC2::Subnet", "tgw": "AWS::EC2::TransitGateway",
	"tgw-attach": "AWS::EC2::TransitGatewayAttachment", "tgw-rtb": "AWS::EC2::TransitGatewayRouteTable",
	"tms": "AWS::EC2::TrafficMirrorSession", "vgw": "AWS::EC2::VPNGateway", "vol": "AWS::EC2::Volume",
	"vpc": "AWS::EC2::VPC", "vpce": "AWS::EC2::VPCEndpoint", "vpce-svc": "AWS::EC2::VPCEndpointService",
	"vpn": "AWS::EC2::VPNConnection", "ws": "AWS::WorkSpaces::Workspace",
}

// arnTypes are the types of resources, by the service in their ARN and the first word of the ARN's last part.
// Services whose ARNs have no such word stand alone.
var arnTypes = map[string]string{
	"acm:certificate": "AWS::CertificateManager::Certificate", "athena:workgroup": "AWS::Athena::WorkGroup",
	"backup:backup-vault": "AWS::Backup::BackupVault", "cloudfront:distribution": "AWS::CloudFront::Distribution",
	"cloudtrail:channel": "AWS::CloudTrail::Channel", "cloudtrail:eventdatastore": "AWS::CloudTrail::EventDataStore",
	"cloudtrail:trail": "AWS::CloudTrail::Trail", "cloudwatch:alarm": "AWS::CloudWatch::Alarm",
	"dynamodb:table": "AWS::DynamoDB::Table", "ec2:image": "AWS::EC2::Ami", "ec2:instance": "AWS::EC2::Instance",
	"ec2:network-interface": "AWS::EC2::NetworkInterface", "ec2:security-group": "AWS::EC2::SecurityGroup",
	"ec2:snapshot": "AWS::EC2::Snapshot", "ec2:subnet": "AWS::EC2::Subnet", "ec2:volume": "AWS::EC2::Volume",
	"ec2:vpc": "AWS::EC2::VPC", "ecr:repository": "AWS::ECR::Repository", "ecs:cluster": "AWS::ECS::Cluster",
	"ecs:service": "AWS::ECS::Service", "ecs:task": "AWS::ECS::Task",
	"ecs:task-definition": "AWS::ECS::TaskDefinition", "eks:cluster": "AWS::EKS::Cluster",
	"eks:nodegroup": "AWS::EKS::Nodegroup", "elasticache:cluster": "AWS::ElastiCache::CacheCluster",
	"elasticache:replicationgroup":      "AWS::ElastiCache::ReplicationGroup",
	"elasticfilesystem:file-system":     "AWS::EFS::FileSystem",
	"elasticloadbalancing:loadbalancer": "AWS::ElasticLoadBalancingV2::LoadBalancer",
	"elasticloadbalancing:targetgroup":  "AWS::ElasticLoadBalancingV2::TargetGroup",
	"events:event-bus":                  "AWS::Events::EventBus", "events:rule": "AWS::Events::Rule",
	"firehose:deliverystream": "AWS::KinesisFirehose::DeliveryStream", "fsx:file-system": "AWS::FSx::FileSystem",
	"glue:job": "AWS::Glue::Job", "guardduty:detector": "AWS::GuardDuty::Detector", "iam:policy": "AWS::IAM::Policy",
	"iam:role": "AWS::IAM::Role", "iam:user": "AWS::IAM::User", "kafka:cluster": "AWS::MSK::Cluster",
	"kinesis:stream": "AWS::Kinesis::Stream", "kms:key": "AWS::KMS::Key", "lambda:function": "AWS::Lambda::Function",
	"logs:log-group": "AWS::Logs::LogGroup", "rds:cluster": "AWS::RDS::DBCluster", "rds:db": "AWS::RDS::DBInstance",
	"rds:snapshot": "AWS::RDS::DBSnapshot", "redshift:cluster": "AWS::Redshift::Cluster", "s3": "AWS::S3::Bucket",
	"sagemaker:endpoint":          "AWS::SageMaker::Endpoint",
	"sagemaker:notebook-instance": "AWS::SageMaker::NotebookInstance",
	"secretsmanager:secret":       "AWS::SecretsManager::Secret", "sns": "AWS::SNS::Topic", "sqs": "AWS::SQS::Queue",
	"ssm:document": "AWS::SSM::Document", "states:stateMachine": "AWS::StepFunctions::StateMachine",
	"transfer:server": "AWS::Transfer::Server", "wafv2:ipset": "AWS::WAFv2::IPSet",
	"wafv2:rulegroup": "AWS::WAFv2::RuleGroup", "wafv2:webacl": "AWS::WAFv2::WebACL",
}

// typeOfName returns the type of the resource that an ARN or id names, "" if the name does not say.
func typeOfName(name string) string {
	if parts := strings.SplitN(name, ":", 6); len(parts) == 6 && parts[0] == "arn" {
		if t := arnTypes[parts[2]]; t != "" {
			return t
		}
		kind := strings.TrimPrefix(strings.TrimPrefix(parts[5], "regional/"), "global/") // of wafv2
		if end := strings.IndexAny(kind, ":/"); end >= 0 {
			kind = kind[:end]
		}
		return arnTypes[parts[2]+":"+kind]
	}
	if dash := strings.LastIndexByte(name, '-'); dash > 0 {
		return idTypes[name[:dash]]
	}
	return ""
}
