/** What tests of RDS share: a lab, a client in each region, and one instance as the API shows it. */
import { DescribeDBInstancesCommand, RDSClient, type DBInstance } from '@aws-sdk/client-rds';
import { openTestLab, passive, type TestLab } from '../../world/test-lab.ts';

export interface RdsLab {
  lab: TestLab;
  home: RDSClient;
  away: RDSClient;
  /** @throws DBInstanceNotFoundFault */
  show: (client: RDSClient, identifier?: string) => Promise<DBInstance>;
  close(): Promise<void>;
}

export async function openRdsLab(): Promise<RdsLab> {
  const lab = await openTestLab();
  const [home, away] = [new RDSClient(lab.config()), new RDSClient(lab.config(passive.region))];
  return {
    lab,
    home,
    away,
    show: async (client, DBInstanceIdentifier = 'orders-db') => {
      const { DBInstances } = await client.send(new DescribeDBInstancesCommand({ DBInstanceIdentifier }));
      return DBInstances?.[0] ?? {};
    },
    async close() {
      home.destroy();
      away.destroy();
      await lab.close();
    },
  };
}
