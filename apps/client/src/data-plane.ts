import { clientBinding } from '@navalis/runtime/client-data-plane';
import { runDataPlane } from '@navalis/runtime/data-plane';

runDataPlane(clientBinding);
