import { useNavigate, useSearch } from '@tanstack/react-router';
import { Page } from '../../components/display/Page.tsx';
import { Tabs } from '../../components/overlays/Tabs.tsx';
import { useTexts } from '../../texts/i18n.ts';
import { EventsView } from './events/EventsView.tsx';
import { JobsView } from './jobs/JobsView.tsx';
import { activityTexts } from './texts.ts';
import { WebhooksView } from './webhooks/WebhooksView.tsx';

/** Jobs to search, webhooks and their deliveries, and events as they come. */
export function ActivityPage() {
  const t = useTexts(activityTexts);
  const { view = 'jobs' } = useSearch({ from: '/activity' });
  const navigate = useNavigate();
  return (
    <Page title={t.title} lead={t.lead}>
      <Tabs
        label={t.views}
        value={view}
        onChange={(chosen) =>
          void navigate({ to: '/activity', search: chosen === 'jobs' ? {} : { view: chosen } })
        }
        tabs={[
          { value: 'jobs', label: t.jobs, panel: <JobsView /> },
          { value: 'webhooks', label: t.webhooks, panel: <WebhooksView /> },
          { value: 'events', label: t.events, panel: <EventsView /> },
        ]}
      />
    </Page>
  );
}
